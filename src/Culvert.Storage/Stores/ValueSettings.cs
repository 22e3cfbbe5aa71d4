namespace Culvert.Storage;

/// <summary>How a new value lies on the clouds.</summary>
internal sealed record ValueSettings(UnitProtocol Protocol, UnitKeyMode KeyMode, int ChunkBytes)
{
    internal static ValueSettings Of(StoreOptions options) => new(
        options.Protocol, options.Protocol == UnitProtocol.Replicated ? UnitKeyMode.None : options.KeyMode, options.ChunkBytes);

    internal static ValueSettings Of(ValueDescriptor descriptor) => new(descriptor.Protocol, descriptor.KeyMode, descriptor.ChunkBytes);
}
