namespace Culvert.Benchmarks;

/// <summary>
/// A question that several contenders answer in one run. To add one: write a class, list it in <see cref="Scenarios"/>.
/// </summary>
public interface IScenario
{
    /// <summary>The name that <c>--only</c> takes.</summary>
    string Name { get; }

    /// <summary>One sentence: what is done, on what, measured how.</summary>
    string Title { get; }

    /// <summary>The contender that ratios are against.</summary>
    string Against { get; }

    /// <summary>Makes the data and the contenders; not measured.</summary>
    PreparedScenario Prepare(BenchmarkOptions options);
}

/// <summary>A scenario that is ready to run.</summary>
/// <param name="Contenders">In the order of the table.</param>
/// <param name="Work">How much each does per run.</param>
/// <param name="Unit">What is counted, such as MB or M events.</param>
public sealed record PreparedScenario(IReadOnlyList<Contender> Contenders, double Work, string Unit)
{
    /// <summary>True when a run is long enough to warm up by itself, and to be done once only. Default false.</summary>
    public bool IsLong { get; init; }
}
