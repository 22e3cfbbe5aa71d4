using System.Buffers;
using System.Globalization;

namespace Culvert.Engine;

/// <summary>Amounts of memory as people write them: a number and <c>KB</c>, <c>MB</c> or <c>GB</c>, powers of 1,024.</summary>
public static class ByteSize
{
    private static readonly SearchValues<char> s_number = SearchValues.Create("0123456789.");

    /// <summary>Reads <c>90MB</c>, <c>1.5GB</c>, <c>262144</c>; false for anything else.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        int unit = text.AsSpan().IndexOfAnyExcept(s_number);
        long factor = unit < 0 ? 1 : text[unit..].ToUpperInvariant() switch
        {
            "B" => 1,
            "KB" => 1L << 10,
            "MB" => 1L << 20,
            "GB" => 1L << 30,
            "TB" => 1L << 40,
            _ => 0,
        };
        bytes = 0;
        if (factor == 0
            || !decimal.TryParse(unit < 0 ? text : text[..unit], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count)
            || count > long.MaxValue / factor)
        {
            return false;
        }

        bytes = (long)(count * factor);
        return true;
    }
}
