using System.Diagnostics;
using Culvert.Benchmarks.SecureStreams;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Benchmarks.Provisioning;

/// <summary>Measures runs of the delayed flights whose enclaves get their keys from a <see cref="LoopbackBroker"/>.</summary>
public static class ProvisioningProbe
{
    /// <summary>Rows of the runs that are started for their start.</summary>
    private const long FewRows = 10_000;

    /// <summary>Workers of the runs whose rows are counted.</summary>
    private const int Workers = 2;

    /// <summary>Measures.</summary>
    /// <param name="options">How much.</param>
    /// <param name="program">The program that host and enclaves are processes of: the command as it is built for people, or in tests this one.</param>
    /// <exception cref="InvalidOperationException">An enclave got no keys, or an answer is wrong.</exception>
    public static async Task<ProvisioningFigures> MeasureAsync(ProvisioningOptions options, string program)
    {
        (double keys, double ready) = await MeasureStartsAsync(options, program).ConfigureAwait(false);
        List<(FlightRun Without, FlightRun With)> pairs = await MeasureRowsAsync(options, program).ConfigureAwait(false);
        return new ProvisioningFigures(
            Path.GetFileName(program),
            options.Enclaves,
            keys,
            ready,
            Median(pairs, pair => pair.With.SteadyRowsPerSecond),
            Median(pairs, pair => pair.With.SteadyRowsPerSecond / pair.Without.SteadyRowsPerSecond),
            Median(pairs, pair => pair.With.RowsPerProcessorSecond / pair.Without.RowsPerProcessorSecond),
            [.. pairs.Select(pair => pair.With.RowsPerProcessorSecond / pair.Without.RowsPerProcessorSecond).Order()]);
    }

    private static async Task<(double Keys, double Ready)> MeasureStartsAsync(ProvisioningOptions options, string program)
    {
        using FlightsData data = FlightsData.Make(FewRows);
        Plan PlanInto(ResultRows result) => FlightsQuery.Over(
            Source.From<FlightsQuery.Flight>(data.SealedSource(1, options.Enclaves)), ProtectionMode.Enclave, result);
        using ResultRows unused = new();
        LoopbackBroker broker = await LoopbackBroker.StartAsync(data.Owner, PlanInto(unused), program).ConfigureAwait(false);
        await using (broker.ConfigureAwait(false))
        {
            List<(double Keys, double Ready)> runs = [];
            for (int i = 0; i <= options.Repeats; i++)
            {
                using ResultRows result = new();
                (double, double) run = await StartAsync(PlanInto(result), data, broker, options.Enclaves, program).ConfigureAwait(false);
                if (i > 0)
                {
                    // The first one also brings the files of the program into the machine's memory.
                    runs.Add(run);
                }
            }

            return (Median(runs, run => run.Keys), Median(runs, run => run.Ready));
        }
    }

    private static async Task<(double Keys, double Ready)> StartAsync(Plan plan, FlightsData data, LoopbackBroker broker, int enclaves, string program)
    {
        int before = broker.Releases;
        long start = Stopwatch.GetTimestamp();
        OwnerRun run = OwnerRun.Start(plan, data.Owner, new OwnerRunOptions
        {
            Workers = enclaves,
            Code = FlightsQuery.Checked(LuaScripts.Of(plan).WriteCanonical()),
            Host = () => HostProcess.Start(program, []),
            Broker = broker,
        });
        await using (run.ConfigureAwait(false))
        {
            RunReport report = await run.Completion.ConfigureAwait(false);
            double ready = Stopwatch.GetElapsedTime(start).TotalSeconds;
            return report.Finished && report.Rows == FewRows && broker.Releases - before == enclaves
                ? (Stopwatch.GetElapsedTime(start, broker.LastRelease).TotalSeconds, ready)
                : throw new InvalidOperationException($"{broker.Releases - before} of {enclaves} enclaves had their keys, and {report.Rows} of {FewRows} rows were read");
        }
    }

    /// <summary>
    /// Pairs of runs right behind each other, of which now the one and now the other comes first: what disturbs a machine for
    /// longer than a pair disturbs both.
    /// </summary>
    private static async Task<List<(FlightRun Without, FlightRun With)>> MeasureRowsAsync(ProvisioningOptions options, string program)
    {
        using FlightsData data = FlightsData.Make(options.Rows);
        using ResultRows unused = new();
        Plan plan = FlightsQuery.Over(Source.From<FlightsQuery.Flight>(data.SealedSource(options.Times)), ProtectionMode.Enclave, unused);
        LoopbackBroker broker = await LoopbackBroker.StartAsync(data.Owner, plan, program).ConfigureAwait(false);
        await using (broker.ConfigureAwait(false))
        {
            FlightsRunner without = new(data, options.Times, program);
            FlightsRunner with = new(data, options.Times, program) { Broker = broker };
            List<(FlightRun Without, FlightRun With)> pairs = [];
            for (int i = 0; i < options.Repeats; i++)
            {
                FlightRun first = await (i % 2 == 0 ? without : with).RunAsync(ProtectionMode.Enclave, Workers).ConfigureAwait(false);
                FlightRun second = await (i % 2 == 0 ? with : without).RunAsync(ProtectionMode.Enclave, Workers).ConfigureAwait(false);
                pairs.Add(i % 2 == 0 ? (first, second) : (second, first));
            }

            return without.Answer == with.Answer ? pairs
                : throw new InvalidOperationException($"with a broker the answer is another one:\n{with.Answer}\n{without.Answer}");
        }
    }

    private static double Median<T>(IReadOnlyCollection<T> runs, Func<T, double> figure) => runs.Select(figure).Order().ElementAt(runs.Count / 2);
}
