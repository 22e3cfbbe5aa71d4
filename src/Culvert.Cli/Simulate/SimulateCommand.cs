using System.CommandLine;
using System.Globalization;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Simulation;

namespace Culvert.Cli.Simulate;

/// <summary><c>culvert simulate</c>: runs a protocol in a simulated world over many seeds, or one seed with its trace.</summary>
internal static class SimulateCommand
{
    private const int SeedsDefault = 1000;
    private const int SeedsMax = 100_000_000;

    private static readonly Scenario[] s_scenarios = [new DataflowScenario(), new HostileRouterScenario(), new StorageScenario()];

    /// <summary>The command, to be added to the root.</summary>
    internal static Command Create()
    {
        Option<string> protocol = new("--protocol")
        {
            Description = $"what to simulate: {string.Join(", ", s_scenarios.Select(s => s.Name))}",
            DefaultValueFactory = _ => s_scenarios[0].Name,
        };
        string[] names = [.. s_scenarios.Select(s => s.Name)];
        protocol.AcceptOnlyFromAmong(names);
        Argument<string?> name = new("name")
        {
            Description = "the same as --protocol",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => null,
        };
        name.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && !names.Contains(given))
            {
                result.AddError($"there is no protocol '{given}': {string.Join(", ", names)}");
            }
        });
        Option<int> seeds = new("--seeds")
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"how many seeds to run, 1 to {SeedsMax}"),
            DefaultValueFactory = _ => SeedsDefault,
        };
        seeds.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<int>() is < 1 or > SeedsMax)
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"--seeds takes a number from 1 to {SeedsMax}"));
            }
        });
        Option<ulong?> seed = new("--seed") { Description = "the one seed to run; with --seeds the first of them" };
        Option<string?> flaw = new("--flaw")
        {
            Description = $"plants a bug, to see that it is found (storage): {string.Join(", ", StorageFlaw.All.Keys.Select(known => $"'{known}'"))}",
        };
        flaw.AcceptOnlyFromAmong([.. StorageFlaw.All.Keys]);
        Option<bool> trace = new("--trace") { Description = "print what happened (with --seed)" };
        Command command = new("simulate", "Runs a protocol in a simulated world: one seed fixes schedule, delays, losses and crashes")
        {
            name, protocol, seeds, seed, flaw, trace,
        };
        command.SetAction(parsed =>
        {
            string wanted = parsed.GetValue(name) ?? parsed.GetValue(protocol)!;
            Scenario scenario = s_scenarios.Single(s => s.Name == wanted);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(flaw) is { } planted)
            {
                if (scenario is not StorageScenario)
                {
                    throw CommandFailedException.Usage($"--flaw goes with storage only, and not with {wanted}");
                }

                scenario = new StorageScenario(StorageFlaw.All[planted], planted);
            }

            bool one = parsed.GetValue(seed) is not null && parsed.GetResult(seeds) is null or { Implicit: true };
            return one
                ? RunOne(scenario, parsed.GetValue(seed)!.Value, parsed.GetValue(trace), output)
                : RunMany(scenario, parsed.GetValue(seed) ?? 1, parsed.GetValue(seeds), MachineClock.Instance, output);
        });
        return command;
    }

    private static int RunOne(Scenario scenario, ulong seed, bool trace, TextWriter output)
    {
        SeedResult result = Simulator.RunSeed(scenario, seed, trace ? Simulator.TraceEntriesDefault : 0);
        output.Write(result.Trace);
        output.WriteLine(result.Failure is null ? result.ToString() : $"{result with { Trace = "" }}".TrimEnd());
        WriteSightings(result.Sightings, output);
        return result.Failure is null ? 0 : 1;
    }

    private static int RunMany(Scenario scenario, ulong first, int seeds, IClock clock, TextWriter output)
    {
        TimeSpan start = clock.Elapsed;
        Campaign campaign = Simulator.RunSeeds(scenario, first, seeds, threads: Environment.ProcessorCount);
        double seconds = Math.Max((clock.Elapsed - start).TotalSeconds, 0.001);
        if (campaign.Failed is not null)
        {
            output.WriteLine(campaign.Failed);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}: the {campaign.Seeds}. seed from {first} on failed, {campaign.Steps} steps in {seconds:f1} s; until then"));
            WriteSightings(campaign.Sightings, output);
            return 1;
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{scenario.Name}: {campaign.Seeds} seeds from {first} on passed, {campaign.Steps} steps in {seconds:f1} s ({campaign.Seeds / seconds * 60:f0} seeds a minute)"));
        WriteSightings(campaign.Sightings, output);
        return 0;
    }

    private static void WriteSightings(IReadOnlyDictionary<string, long> sightings, TextWriter output)
    {
        foreach ((string what, long times) in sightings)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {times,8} {what}"));
        }
    }
}
