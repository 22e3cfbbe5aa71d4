using System.Globalization;
using System.Text;

namespace Culvert.Benchmarks.Reports;

/// <summary>A scenario's table for a terminal.</summary>
public static class TextReport
{
    /// <summary>The table, ending with a line's end.</summary>
    public static string Render(ScenarioResult result)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"\n{result.Name}: {result.Title}; {Numbers.Rate(result.Work)} {result.Unit}\n");
        text.Append(CultureInfo.InvariantCulture,
            $"  {"",-26} {"median s",9} {"min - max s",17} {result.Unit + "/s",12} {"per core",10} {"processor s",12} {"times " + result.Against,16}\n");
        foreach (Measurement m in result.Measurements)
        {
            if (m.Absent is not null)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {m.Name,-26} not run: {m.Absent}\n");
                continue;
            }

            string spread = string.Create(CultureInfo.InvariantCulture, $"{m.Fastest:F3} - {m.Slowest:F3}");
            text.Append(CultureInfo.InvariantCulture,
                $"  {m.Name,-26} {m.Median,9:F3} {spread,17} {Numbers.Rate(result.Rate(m)),12} {Numbers.Rate(result.RatePerCore(m)),10} {m.ProcessorMedian,12:F2} {Numbers.Ratio(result.Ratio(m)),16}\n");
            foreach (Figure figure in m.Figures)
            {
                text.Append(CultureInfo.InvariantCulture, $"    {figure.Name}: {Numbers.Rate(figure.Value)} {figure.Unit}\n");
            }
        }

        return text.ToString();
    }
}
