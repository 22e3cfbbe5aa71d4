using System.Globalization;

namespace Culvert.Simulation;

/// <summary>Runs scenarios over seeds.</summary>
public static class Simulator
{
    /// <summary>Entries kept of a failed seed's trace: enough to see what led there, few enough to read.</summary>
    public const int TraceEntriesDefault = 400;

    /// <summary>Runs one seed.</summary>
    public static SeedResult RunSeed(Scenario scenario, ulong seed, int traceEntriesMax = 0)
    {
        World world = new(seed, traceEntriesMax);
        string? failure = null;
        try
        {
            scenario.Run(world);
        }
        catch (SimulationFailedException failed)
        {
            failure = failed.Message;
        }
        catch (Exception failed)
        {
            failure = string.Create(CultureInfo.InvariantCulture, $"{failed.GetType().Name}: {failed.Message}");
        }
        finally
        {
            world.End();
        }

        return new SeedResult(
            scenario.Name, seed, failure, world.Steps, world.Now, world.Fingerprint, world.Sightings, world.Trace.ToString());
    }

    /// <summary>
    /// Runs <paramref name="seeds"/> seeds from <paramref name="first"/> on, and stops at the first that fails. That one is run
    /// once more with its trace on; should the two runs differ, the failure says so.
    /// </summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="first">The first seed.</param>
    /// <param name="seeds">How many; at least 1.</param>
    /// <param name="progress">Told after each seed how many were run.</param>
    public static Campaign RunSeeds(Scenario scenario, ulong first, int seeds, Action<int>? progress = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 1);
        SortedDictionary<string, long> sightings = new(StringComparer.Ordinal);
        long steps = 0;
        for (int i = 0; i < seeds; i++)
        {
            SeedResult result = RunSeed(scenario, unchecked(first + (ulong)i));
            steps += result.Steps;
            foreach ((string what, long times) in result.Sightings)
            {
                sightings[what] = sightings.GetValueOrDefault(what) + times;
            }

            progress?.Invoke(i + 1);
            if (result.Failure is not null)
            {
                return new Campaign(scenario.Name, i + 1, steps, sightings, Explain(scenario, result));
            }
        }

        return new Campaign(scenario.Name, seeds, steps, sightings, null);
    }

    private static SeedResult Explain(Scenario scenario, SeedResult failed)
    {
        SeedResult again = RunSeed(scenario, failed.Seed, TraceEntriesDefault);
        return again.Failure == failed.Failure && again.Fingerprint == failed.Fingerprint
            ? again
            : again with { Failure = $"{failed.Failure}; and it is not deterministic: run again, the seed gave: {again.Failure ?? "no failure"}" };
    }
}
