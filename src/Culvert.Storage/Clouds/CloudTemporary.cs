namespace Culvert.Storage;

/// <summary>Names for what drivers keep for a moment: random, and none that an object can have.</summary>
internal static class CloudTemporary
{
    private const int RandomBytes = 12;

    /// <summary>A name that nobody else takes: it begins with <c>~</c>.</summary>
    internal static string NewName(IEntropy entropy)
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        entropy.Fill(random);
        return "~" + Convert.ToHexStringLower(random);
    }
}
