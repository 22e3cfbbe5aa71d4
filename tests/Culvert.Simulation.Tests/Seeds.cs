namespace Culvert.Simulation.Tests;

/// <summary>How many seeds a test runs: few where somebody waits, many at night.</summary>
internal static class Seeds
{
    private static readonly bool s_nightly = Environment.GetEnvironmentVariable("CULVERT_NIGHTLY") == "1";

    internal static int Count(int waiting, int nightly) => s_nightly ? nightly : waiting;
}
