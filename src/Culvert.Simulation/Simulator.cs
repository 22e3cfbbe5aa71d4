using System.Globalization;

namespace Culvert.Simulation;

/// <summary>Runs scenarios over seeds.</summary>
public static class Simulator
{
    /// <summary>Entries kept of a failed seed's trace: enough to see what led there, few enough to read.</summary>
    public const int TraceEntriesDefault = 400;

    // Long enough that threads seldom wait for each other, short enough that a failure is told soon.
    private const int SeedsOfBatch = 64;

    // What follows an await runs inside what ended it: as deep as on a main thread.
    private const int StackBytes = 8 << 20;

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
            scenario.Name, seed, failure, world.Steps, world.Now, world.Fingerprint, world.Sightings, world.Trace.ToString())
        {
            Arguments = scenario.Arguments,
        };
    }

    /// <summary>
    /// Runs <paramref name="seeds"/> seeds from <paramref name="first"/> on, and stops at the first that fails. That one is run
    /// once more with its trace on; should the two runs differ, the failure says so. Seeds know nothing of each other, so that what
    /// comes of it is the same with any number of threads.
    /// </summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="first">The first seed.</param>
    /// <param name="seeds">How many; at least 1.</param>
    /// <param name="progress">Told after each seed how many were run.</param>
    /// <param name="threads">Worlds that run at once, each on a thread of its own; at least 1, the default.</param>
    public static Campaign RunSeeds(Scenario scenario, ulong first, int seeds, Action<int>? progress = null, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        SortedDictionary<string, long> sightings = new(StringComparer.Ordinal);
        long steps = 0;
        for (int done = 0; done < seeds;)
        {
            int count = threads == 1 ? 1 : Math.Min(seeds - done, threads * SeedsOfBatch);
            ulong batch = unchecked(first + (ulong)done);
            foreach (SeedResult? result in threads == 1 ? [RunSeed(scenario, batch)] : RunBatch(scenario, batch, count, threads))
            {
                // None: it comes behind one that failed.
                steps += result!.Steps;
                foreach ((string what, long times) in result.Sightings)
                {
                    sightings[what] = sightings.GetValueOrDefault(what) + times;
                }

                done++;
                progress?.Invoke(done);
                if (result.Failure is not null)
                {
                    return new Campaign(scenario.Name, done, steps, sightings, Explain(scenario, result));
                }
            }
        }

        return new Campaign(scenario.Name, seeds, steps, sightings, null);
    }

    /// <summary>Results of some seeds in their order; what comes behind the first that failed may be missing.</summary>
    private static SeedResult?[] RunBatch(Scenario scenario, ulong first, int count, int threads)
    {
        SeedResult?[] results = new SeedResult?[count];
        int next = -1;
        int failed = count;
        Thread[] workers = [.. Enumerable.Range(0, Math.Min(threads, count)).Select(_ => new Thread(Work, StackBytes) { IsBackground = true })];
        foreach (Thread worker in workers)
        {
            worker.Start();
        }

        foreach (Thread worker in workers)
        {
            worker.Join();
        }

        return results;

        void Work()
        {
            for (int at = Interlocked.Increment(ref next); at < Volatile.Read(ref failed); at = Interlocked.Increment(ref next))
            {
                results[at] = RunSeed(scenario, unchecked(first + (ulong)at));
                if (results[at]!.Failure is not null)
                {
                    for (int known = Volatile.Read(ref failed); at < known; known = Volatile.Read(ref failed))
                    {
                        Interlocked.CompareExchange(ref failed, at, known);
                    }
                }
            }
        }
    }

    private static SeedResult Explain(Scenario scenario, SeedResult failed)
    {
        SeedResult again = RunSeed(scenario, failed.Seed, TraceEntriesDefault);
        return again.Failure == failed.Failure && again.Fingerprint == failed.Fingerprint
            ? again
            : again with { Failure = $"{failed.Failure}; and it is not deterministic: run again, the seed gave: {again.Failure ?? "no failure"}" };
    }
}
