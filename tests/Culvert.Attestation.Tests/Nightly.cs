using System.Globalization;

namespace Culvert.Attestation.Tests;

/// <summary>How much is tried: enough for every run, or much more when CULVERT_NIGHTLY is 1.</summary>
internal static class Nightly
{
    internal static bool IsOn => Environment.GetEnvironmentVariable("CULVERT_NIGHTLY") == "1";

    internal static int Count(int everyRun, int nightly) => IsOn ? nightly : everyRun;

    internal static string Seed(ulong seed) => string.Create(CultureInfo.InvariantCulture, $"seed {seed}");
}
