namespace Culvert.Streams;

/// <summary>The first byte of a column (docs/specs/batch.md): bit 0 is set where values are missing, bits 1 and 2 tell how values are laid out.</summary>
internal static class BatchColumnForm
{
    internal const byte SomeMissing = 1;
    internal const byte LayoutMask = 6;
    internal const byte Plain = 0;
    internal const byte Codes8 = 2;
    internal const byte Codes16 = 4;
    internal const byte Codes32 = 6;

    /// <summary>The layout with the narrowest codes for that many entries.</summary>
    internal static byte ForEntries(int entries) => entries <= 1 << 8 ? Codes8 : entries <= 1 << 16 ? Codes16 : Codes32;

    /// <summary>Bytes of a code.</summary>
    internal static int CodeBytes(int layout) => layout == Codes8 ? 1 : layout == Codes16 ? 2 : 4;
}
