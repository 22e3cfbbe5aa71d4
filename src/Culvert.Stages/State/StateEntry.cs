namespace Culvert.Stages;

/// <summary>An entry of keyed state while it is enumerated; its spans are valid until the enumeration goes on.</summary>
public readonly ref struct StateEntry
{
    internal StateEntry(ulong hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Hash = hash;
        Key = key;
        Value = value;
    }

    /// <summary><see cref="StateHash.Of(ReadOnlySpan{byte})"/> of the key.</summary>
    public ulong Hash { get; }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
