using System.Buffers;

namespace Culvert.Storage;

/// <summary>Names for what drivers keep for a moment: random, and none that an object can have.</summary>
internal static class CloudTemporary
{
    private const int RandomBytes = 12;

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdef");

    /// <summary>A name that nobody else takes: it begins with <c>~</c>.</summary>
    internal static string NewName(IEntropy entropy)
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        entropy.Fill(random);
        return "~" + Convert.ToHexStringLower(random);
    }

    /// <summary>Whether a name was made here.</summary>
    internal static bool IsOne(string name) =>
        name.Length == 1 + (2 * RandomBytes) && name[0] == '~' && name.AsSpan(1).IndexOfAnyExcept(s_digits) < 0;
}
