using System.Collections.Immutable;

namespace Culvert.JobFiles;

/// <summary>How a test ended.</summary>
/// <param name="Test">The test.</param>
/// <param name="Differences">What is not as wanted, in words; none when the test passed.</param>
public sealed record JobTestResult(JobFileTest Test, ImmutableArray<string> Differences)
{
    /// <summary>Whether everything was as wanted.</summary>
    public bool Passed => Differences.IsEmpty;
}
