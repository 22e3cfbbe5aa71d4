using System.CommandLine;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Jobs;
using Culvert.Cli.Stores;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Cli.Commands;

/// <summary><c>culvert run</c>: options to a <see cref="JobRunning"/>.</summary>
internal static class RunCommand
{
    internal static Command Make()
    {
        Argument<string> job = JobSymbols.Job();
        Option<string[]> input = JobSymbols.Input();
        Option<int?> workers = JobSymbols.Workers();
        Option<string?> format = JobSymbols.OneOf(
            "--format", "How the result is shown, in place of the job's (first) sink: a table, one JSON document, JSON lines, CSV", RunRequest.Formats);
        Option<string?> output = new("--output", "-o") { Description = "Where the result goes instead of standard output; the format follows from the name if --format does not say", HelpName = "FILE" };
        Option<string?> snapshots = new("--snapshots") { Description = "The folder where snapshots are kept, so that a lost run can be resumed; store:NAME keeps them in a store over several clouds", HelpName = "DIR|store:NAME" };
        Option<string> config = new("--store-config") { Description = $"The file of clouds for --snapshots store:NAME; default: {StoreChoice.DefaultPath} in the current folder", HelpName = "FILE", DefaultValueFactory = _ => StoreChoice.DefaultPath };
        Option<TimeSpan> interval = JobSymbols.SnapshotInterval();
        Option<bool> resume = new("--resume") { Description = "Go on from the newest snapshot" };
        Option<bool> quiet = new("--quiet", "-q") { Description = "Show no progress and no summary" };
        Option<bool> follow = new("--follow") { Description = "Read on as the input file grows, until Ctrl-C" };
        Option<string?> malformed = JobSymbols.Malformed();
        Option<string?> key = OwnerKeyOptions.Key();
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        Option<string?> protection = JobSymbols.OneOf(
            "--protection", "Where stages that do not fix it may show their data: to this machine, to worker processes, to enclaves only", "open", "sealed", "enclave");
        Option<long?> epc = JobSymbols.StateBytes();
        Option<string?> broker = new("--broker") { Description = "The owner's key broker, which verifies enclaves' evidence and gives them their keys; with sealed input and a sealed result no --key is needed", HelpName = "URL" };
        Option<string?> authority = new("--broker-ca") { Description = "The certificate of the broker's authority, PEM; default: what the system trusts", HelpName = "FILE" };
        Option<string?> manifest = new("--manifest") { Description = "Instead of a broker: releases keys by this manifest in this process, with --key", HelpName = "FILE" };
        Option<string?> collateral = new("--collateral") { Description = "What the hardware's vendor publishes for this machine, where its evidence does not bring it along", HelpName = "DIR" };
        Option<TimeSpan> check = JobSymbols.ReleaseCheck();
        Option<string?> prove = new("--prove") { Description = "Writes what an auditor needs to check the result offline ('culvert verify FILE')", HelpName = "FILE" };
        Command command = new("run", "Run a job")
        {
            job, input, workers, format, output, snapshots, config, interval, resume, quiet, malformed, follow, key, passphrase, protection, epc, broker, authority,
            manifest, collateral, check, prove,
        };
        command.SetAction(parsed => new JobRunning(new RunRequest(
            JobSymbols.Request(parsed.GetValue(job)!, parsed.GetValue(input), parsed.GetValue(malformed)) with { Follow = parsed.GetValue(follow) })
        {
            Workers = parsed.GetValue(workers),
            Format = parsed.GetValue(format),
            Output = parsed.GetValue(output),
            Snapshots = parsed.GetValue(snapshots),
            StoreConfig = parsed.GetValue(config)!,
            SnapshotInterval = parsed.GetValue(interval),
            Resume = parsed.GetValue(resume),
            Quiet = parsed.GetValue(quiet),
            Key = OwnerKeyChoice.Of(parsed, key, passphrase),
            Protection = parsed.GetValue(protection) switch
            {
                "open" => Protection.Open,
                "sealed" => Protection.Sealed,
                "enclave" => Protection.Enclave,
                _ => null,
            },
            StateBytesMax = parsed.GetValue(epc),
            Keys = new KeySource { Broker = parsed.GetValue(broker), BrokerAuthority = parsed.GetValue(authority), Manifest = parsed.GetValue(manifest), Collateral = parsed.GetValue(collateral), CheckInterval = parsed.GetValue(check) },
            Prove = parsed.GetValue(prove),
        }).Run());
        return command;
    }
}
