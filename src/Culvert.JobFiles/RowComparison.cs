using System.Globalization;
using System.Text;
using Culvert.Streams;

namespace Culvert.JobFiles;

/// <summary>Compares the rows that came out with those that a test wants, and says in words how they differ.</summary>
internal static class RowComparison
{
    /// <summary>Decimal fractions are written short and computed in binary: so much of the greater one may differ.</summary>
    private const double RelativeDifferenceMax = 1e-9;

    /// <summary>More differences than a person reads.</summary>
    private const int DifferencesMax = 20;

    /// <summary>The differences; none when the rows are as wanted.</summary>
    internal static IReadOnlyList<string> Compare(IReadOnlyList<TestRow> wanted, JobTestRows actual, bool inOrder)
    {
        foreach (string name in wanted.SelectMany(r => r.Values.Select(v => v.Key)))
        {
            if (actual.Schema.IndexOf(name) < 0)
            {
                return [$"there is no column '{name}'{NearestName.Hint(name, actual.Schema.Fields.Select(f => f.Name))}; there are {string.Join(", ", actual.Schema.Fields.Select(f => f.Name))}"];
            }
        }

        List<string> differences = inOrder ? InOrder(wanted, actual) : AnyOrder(wanted, actual);
        if (differences.Count > DifferencesMax)
        {
            int more = differences.Count - DifferencesMax;
            differences.RemoveRange(DifferencesMax, more);
            differences.Add(string.Create(CultureInfo.InvariantCulture, $"and {more} more differences"));
        }

        return differences;
    }

    private static List<string> InOrder(IReadOnlyList<TestRow> wanted, JobTestRows actual)
    {
        List<string> differences = [];
        for (int i = 0; i < Math.Max(wanted.Count, actual.Rows.Count); i++)
        {
            string row = string.Create(CultureInfo.InvariantCulture, $"row {i + 1}: ");
            if (i >= wanted.Count)
            {
                differences.Add(row + "not wanted: " + Show(actual, actual.Rows[i]));
            }
            else if (i >= actual.Rows.Count)
            {
                differences.Add(row + "missing: " + wanted[i]);
            }
            else if (Differing(wanted[i], actual, actual.Rows[i]) is { Count: > 0 } columns)
            {
                differences.Add(row + Explain(wanted[i], actual, actual.Rows[i], columns));
            }
        }

        return differences;
    }

    private static List<string> AnyOrder(IReadOnlyList<TestRow> wanted, JobTestRows actual)
    {
        List<object?[]> left = [.. actual.Rows];
        List<TestRow> unmet = [];
        foreach (TestRow row in wanted.OrderByDescending(r => r.Values.Length))
        {
            int found = left.FindIndex(r => Differing(row, actual, r).Count == 0);
            if (found >= 0)
            {
                left.RemoveAt(found);
            }
            else
            {
                unmet.Add(row);
            }
        }

        List<string> differences = [];
        foreach (TestRow row in unmet)
        {
            // A row that is wrong in fewer than all of its columns is probably the one that was meant.
            object?[]? nearest = left.MinBy(r => Differing(row, actual, r).Count);
            if (nearest is not null && Differing(row, actual, nearest) is var columns && columns.Count < row.Values.Length)
            {
                left.Remove(nearest);
                differences.Add(Explain(row, actual, nearest, columns));
            }
            else
            {
                differences.Add("missing: " + row);
            }
        }

        differences.AddRange(left.Select(r => "not wanted: " + Show(actual, r)));
        return differences;
    }

    private static List<string> Differing(TestRow wanted, JobTestRows actual, object?[] row) =>
        [.. wanted.Values.Where(v => !Same(v.Value, row[actual.Schema.IndexOf(v.Key)])).Select(v => v.Key)];

    private static string Explain(TestRow wanted, JobTestRows actual, object?[] row, List<string> columns) =>
        $"{wanted}: " + string.Join(", ", columns.Select(c =>
            $"{c} is {Show(row[actual.Schema.IndexOf(c)])} and not {wanted.Values.First(v => v.Key == c).Value ?? "null"}"));

    private static bool Same(string? wanted, object? actual)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        return (wanted, actual) switch
        {
            (null, _) or (_, null) => wanted is null && actual is null,
            (_, double or float) => double.TryParse(wanted, NumberStyles.Float, culture, out double w) && Near(w, Convert.ToDouble(actual, culture)),
            (_, decimal a) => decimal.TryParse(wanted, NumberStyles.Float, culture, out decimal w) && w == a,
            (_, DateTime a) => DateTime.TryParse(wanted, culture, DateTimeStyles.RoundtripKind, out DateTime w) && w.Ticks == a.Ticks,
            (_, DateTimeOffset a) => DateTimeOffset.TryParse(wanted, culture, DateTimeStyles.AssumeUniversal, out DateTimeOffset w) && w == a,
            (_, TimeSpan a) => (Keys.Duration.TryParse(wanted, out TimeSpan w) || TimeSpan.TryParse(wanted, culture, out w)) && w == a,
            (_, bool a) => wanted == (a ? "true" : "false"),
            (_, string a) => wanted == a,
            (_, byte[] a) => wanted.AsSpan().SequenceEqual(Encoding.UTF8.GetString(a)),
            _ => Int128.TryParse(wanted, NumberStyles.AllowLeadingSign, culture, out Int128 w) && w == Int128.Parse(Convert.ToString(actual, culture)!, culture),
        };
    }

    private static bool Near(double a, double b) =>
        a.Equals(b) || Math.Abs(a - b) <= RelativeDifferenceMax * Math.Max(Math.Abs(a), Math.Abs(b));

    private static string Show(JobTestRows actual, object?[] row) =>
        "{" + string.Join(", ", actual.Schema.Fields.Select((f, i) => $"{f.Name}: {Show(row[i])}")) + "}";

    private static string Show(object? value) => value switch
    {
        null => "null",
        bool b => b ? "true" : "false",
        DateTime or DateTimeOffset => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        byte[] b => Encoding.UTF8.GetString(b),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };
}
