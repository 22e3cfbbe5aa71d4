using System.Globalization;

namespace Culvert.Engine.Tests.Reactive;

/// <summary>Properties over seeded inputs. A failing seed is named, and <c>CULVERT_SEED</c> runs it alone.</summary>
internal static class Seeds
{
    private const int NightlyFactor = 20;

    internal static async Task ForEach(int count, Func<Random, Task> property)
    {
        string? alone = Environment.GetEnvironmentVariable("CULVERT_SEED");
        ulong first = alone is null ? 1 : ulong.Parse(alone, CultureInfo.InvariantCulture);
        bool nightly = Environment.GetEnvironmentVariable("CULVERT_NIGHTLY") == "1";
        ulong end = first + (ulong)(alone is not null ? 1 : nightly ? count * NightlyFactor : count);
        for (ulong seed = first; seed < end; seed++)
        {
            try
            {
                await property(new Random((int)seed));
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                Assert.Fail($"seed {seed} (CULVERT_SEED={seed} runs it alone): {failure}");
            }
        }
    }
}
