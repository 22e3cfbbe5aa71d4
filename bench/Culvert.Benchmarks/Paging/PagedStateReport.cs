using System.Globalization;

namespace Culvert.Benchmarks.Paging;

/// <summary>The scenario as a table: each size of state within the budget and without one, against half a budget within it.</summary>
internal static class PagedStateReport
{
    private const long BudgetBytes = 64 << 20;
    private const long Events = 60_000_000;

    /// <summary>What larger states are compared with: the largest one that is surely within.</summary>
    private const double WithinBudget = 0.9;

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
                within = size <= WithinBudget ? paged.EventsPerProcessorSecond : within;
                writer.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {size,12} {paged.Keys,10} {paged.StateBytes / 1e6,9:F1} {paged.EventsPerProcessorSecond / 1e6,12:F2} {paged.EventsPerProcessorSecond / within,11:F2} {plain.EventsPerProcessorSecond / 1e6,11:F2} {paged.PagesOut,11} {paged.PagesIn,11} {paged.ResidentBytesPeak / 1e6,11:F1}"));
            }
        }
    }
}
