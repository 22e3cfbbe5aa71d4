namespace Culvert.Streams.Expressions;

/// <summary>What somebody who mistyped a name may have meant.</summary>
internal static class NearestName
{
    /// <summary>The name with the fewest edits, if they are few for its length; case counts for nothing.</summary>
    internal static string? Of(string name, IEnumerable<string> candidates)
    {
        int best = Math.Max(2, name.Length / 3) + 1;
        string? found = null;
        foreach (string candidate in candidates)
        {
            int distance = Math.Abs(candidate.Length - name.Length) < best ? Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant()) : best;
            if (distance < best && distance < candidate.Length)
            {
                (best, found) = (distance, candidate);
            }
        }

        return found;
    }

    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
