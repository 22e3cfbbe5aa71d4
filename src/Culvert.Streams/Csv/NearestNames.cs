namespace Culvert.Streams;

/// <summary>Names that someone may have meant.</summary>
public static class NearestNames
{
    /// <summary>Names shown at most: a line's worth.</summary>
    private const int ShownMax = 5;

    /// <summary>The names nearest to <paramref name="name"/> by edits, case aside, the nearest first, at most five.</summary>
    public static IReadOnlyList<string> Find(string name, IEnumerable<string> names) =>
        [.. names.Distinct(StringComparer.Ordinal).OrderBy(n => Edits(name.ToUpperInvariant(), n.ToUpperInvariant())).ThenBy(n => n, StringComparer.Ordinal).Take(ShownMax)];

    private static int Edits(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int edits = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = row[j];
                row[j] = edits;
            }
        }

        return row[b.Length];
    }
}
