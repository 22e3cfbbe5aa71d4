using System.CommandLine;

namespace Culvert.Cli.Commands;

/// <summary>All that can be said on the command line.</summary>
internal static class CommandTree
{
    internal static RootCommand Make()
    {
        RootCommand root = new("Culvert runs jobs over streams of events: from files, generators or live sources to results.");
        root.Add(RunCommand.Make());
        root.Add(LintCommand.Make());
        root.Add(PlanCommand.Make());
        root.Add(TestCommand.Make());
        root.Add(PeekCommand.Make());
        root.Add(GenerateCommand.Make());
        root.Add(Keys.KeysCommand.Make());
        root.Add(SealCommand.Make());
        root.Add(OpenCommand.Make());
        root.Add(VerifyCommand.Make());
        root.Add(InspectCommand.Make());
        root.Add(Measure.MeasureCommand.Make());
        root.Add(Proofs.ProofCommand.Make());
        root.Add(Attest.AttestCommand.Make());
        root.Add(Manifests.ManifestCommand.Make());
        root.Add(Broker.BrokerCommand.Make());
        root.Add(Stores.StoreCommand.Make());
        root.Add(Simulate.SimulateCommand.Create());
        root.Add(Bench());
        return root;
    }

    /// <summary>Only for the help: the wrapper builds and runs the benchmarks, which are a program of their own.</summary>
    private static Command Bench()
    {
        Command bench = new("bench", "Measure the engine, beside its peers where they are installed (from a checkout, by ./culvert)")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        bench.SetAction(int (_) => throw CommandFailedException.Usage("benchmarks are run by ./culvert bench in a checkout of the repository"));
        return bench;
    }
}
