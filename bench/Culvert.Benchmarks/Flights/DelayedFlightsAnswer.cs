using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Culvert.Benchmarks.Flights;

/// <summary>The answer of the delayed flights as text that is equal for equal answers: carrier, flights, minutes.</summary>
internal static class DelayedFlightsAnswer
{
    // Averages are checked against total / count; the last digits of a division may differ.
    private const double AverageTolerance = 1e-9;

    /// <summary>Reads the document that Culvert and the peers' scripts print.</summary>
    public static string FromJson(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        StringBuilder text = new();
        foreach (JsonElement row in document.RootElement.GetProperty("result").EnumerateArray())
        {
            long delayed = row.GetProperty("delayed").GetInt64();
            long total = row.GetProperty("total").GetInt64();
            double average = row.GetProperty("average").GetDouble();
            if (Math.Abs(average - ((double)total / delayed)) > AverageTolerance * average)
            {
                throw new InvalidOperationException($"an average is not total / delayed: {row}");
            }

            Append(text, row.GetProperty("carrier").GetString()!, delayed, total);
        }

        return text.ToString();
    }

    /// <summary>Adds a row; rows come sorted by carrier.</summary>
    public static void Append(StringBuilder text, string carrier, long delayed, long total) =>
        text.Append(CultureInfo.InvariantCulture, $"{carrier} {delayed} {total}\n");
}
