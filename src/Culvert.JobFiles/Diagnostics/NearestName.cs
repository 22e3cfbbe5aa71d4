namespace Culvert.JobFiles;

/// <summary>What somebody who misspelt a name may have meant.</summary>
internal static class NearestName
{
    /// <summary>Longer names are not compared: the work is the product of the lengths.</summary>
    private const int LengthMax = 64;

    /// <summary>More candidates are not looked at: a hint is not worth the wait.</summary>
    private const int CandidatesMax = 1_000;

    /// <summary><c>; did you mean 'x'?</c>, or nothing when no candidate is near.</summary>
    internal static string Hint(string name, IEnumerable<string> candidates) =>
        Find(name, candidates) is { } found ? $"; did you mean '{found}'?" : string.Empty;

    /// <summary>The candidate that is fewest edits away, case aside: at most a third of the name's length.</summary>
    internal static string? Find(string name, IEnumerable<string> candidates)
    {
        if (name.Length > LengthMax)
        {
            return null;
        }

        string? best = null;
        int bestDistance = Math.Max(1, name.Length / 3) + 1;
        foreach (string candidate in candidates.Take(CandidatesMax))
        {
            if (candidate.Length <= LengthMax && Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant()) is var d && d < bestDistance)
            {
                (best, bestDistance) = (candidate, d);
            }
        }

        return best;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        int[,] d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                int least = Math.Min(
                    Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1),
                    d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    least = Math.Min(least, d[i - 2, j - 2] + 1);
                }

                d[i, j] = least;
            }
        }

        return d[a.Length, b.Length];
    }
}
