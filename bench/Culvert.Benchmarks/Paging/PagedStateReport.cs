using System.Globalization;

namespace Culvert.Benchmarks.Paging;

/// <summary>The scenario as a table: each size of state within the budget and without one, against the largest that lies within.</summary>
internal static class PagedStateReport
{
    private const long BudgetBytes = 64 << 20;
    private const long Events = 40_000_000;

    internal static void Write(BenchmarkOptions options, TextWriter writer)
    {
        foreach (KeyDistribution distribution in Enum.GetValues<KeyDistribution>())
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{distribution} keys, budget of {BudgetBytes >> 20} MiB"));
            writer.WriteLine("  state/budget       keys  state MB   M events/s   of within   no budget   pages out    pages in   inside MB");
            double? within = null;
            foreach (double size in PagedStateScenario.StatesToBudget)
            {
                long events = options.Rows ?? Events;
                PagedStateResult paged = PagedStateScenario.Run(BudgetBytes, size, distribution, events);
                PagedStateResult plain = PagedStateScenario.Run(BudgetBytes, size, distribution, events, withinBudget: false);
                within = paged.PagesIn == 0 ? paged.EventsPerProcessorSecond : within;
                writer.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {size,12} {paged.Keys,10} {paged.StateBytes / 1e6,9:F1} {paged.EventsPerProcessorSecond / 1e6,12:F2} {paged.EventsPerProcessorSecond / within,11:F2} {plain.EventsPerProcessorSecond / 1e6,11:F2} {paged.PagesOut,11} {paged.PagesIn,11} {paged.ResidentBytesPeak / 1e6,11:F1}"));
            }
        }
    }
}
