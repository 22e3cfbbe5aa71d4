using System.Globalization;
using System.Text;

namespace Culvert.Benchmarks.Keyed;

/// <summary>A result row: how many events of a key were kept, and the sum of what they were mapped to.</summary>
public record struct KeyedSum(int Key, long Count, long Sum)
{
    /// <summary>Rows as text that is equal for equal answers.</summary>
    public static string Text(IEnumerable<KeyedSum> rows)
    {
        StringBuilder text = new();
        foreach (KeyedSum row in rows.OrderBy(row => row.Key))
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Key} {row.Count} {row.Sum}\n");
        }

        return text.ToString();
    }
}
