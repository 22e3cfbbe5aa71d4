using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Jobs;
using Culvert.Cli.Stores;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Cli.Commands;

/// <summary>What <c>culvert run</c> was asked for.</summary>
internal sealed record RunRequest(JobRequest Job)
{
    /// <summary>The forms of a result.</summary>
    internal static string[] Formats => ["table", "json", "jsonl", "csv", "sealed"];

    internal int? Workers { get; init; }

    internal string? Format { get; init; }

    internal string? Output { get; init; }

    /// <summary>The owner's key, or null.</summary>
    internal OwnerKeyChoice? Key { get; init; }

    /// <summary>Where enclaves get their keys from.</summary>
    internal KeySource Keys { get; init; } = new();

    /// <summary>The file of the proof, or null.</summary>
    internal string? Prove { get; init; }

    /// <summary>The protection of stages that do not fix their own; null leaves the job's.</summary>
    internal Protection? Protection { get; init; }

    /// <summary>Bytes of keyed state that an enclave keeps inside; null: all.</summary>
    internal long? StateBytesMax { get; init; }

    /// <summary>The folder of snapshots, or <c>store:NAME</c>; null: none.</summary>
    internal string? Snapshots { get; init; }

    /// <summary>The file of clouds for <c>store:NAME</c>.</summary>
    internal string StoreConfig { get; init; } = StoreChoice.DefaultPath;

    /// <summary>What names of snapshots begin with in the store; null: they are kept in a folder, or not at all.</summary>
    internal string? SnapshotUnits => Snapshots is null ? null : StoreSnapshots.PrefixOf(Snapshots);

    internal TimeSpan SnapshotInterval { get; init; }

    internal bool Resume { get; init; }

    internal bool Quiet { get; init; }

    /// <summary>The format asked for, or the one that the output's name tells; null leaves the job's own sinks.</summary>
    internal string? EffectiveFormat => Format ?? (Output is null ? null : Path.GetExtension(Output).ToLowerInvariant() switch
    {
        ".csv" => "csv",
        ".json" => "json",
        ".jsonl" or ".ndjson" => "jsonl",
        ".txt" => "table",
        ".sealed" => "sealed",
        _ => throw CommandFailedException.Usage($"the name '{Output}' does not tell a format: add --format table, json, jsonl, csv or sealed"),
    });

    /// <summary>Throws <see cref="CommandFailedException"/> for options that do not fit each other.</summary>
    internal void Check()
    {
        if (Resume && Snapshots is null)
        {
            throw CommandFailedException.Usage("--resume needs --snapshots DIR: where the snapshots are");
        }

        if (SnapshotUnits is { } units && Storage.UnitName.TryParse(units) is { Succeeded: false } wrongName)
        {
            throw CommandFailedException.Usage($"--snapshots {Snapshots}: {wrongName.Failure.Message}");
        }

        if (SnapshotUnits is not null && !File.Exists(StoreConfig))
        {
            throw CommandFailedException.Usage($"--snapshots {Snapshots}: there is no {StoreConfig}; --store-config FILE names the file of clouds (docs/storage.md)");
        }

        if (Resume && SnapshotUnits is null && !Directory.Exists(Snapshots))
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot resume: there is no folder {Snapshots}");
        }

        if (Keys.WhatIsWrong(Key is not null) is { } wrong)
        {
            throw CommandFailedException.Usage(wrong);
        }

        if (Prove is not null && !Keys.Attests)
        {
            throw CommandFailedException.Usage("--prove needs evidence that somebody verifies: --broker URL, or --manifest FILE with --key");
        }

        if (Prove is not null && ProofFile.WhatIsWrong(Prove) is { } nowhere)
        {
            throw CommandFailedException.Usage(nowhere);
        }

        if (EffectiveFormat == "sealed" && ((Key is null && Keys.Broker is null) || Output is null or "-"))
        {
            throw CommandFailedException.Usage("a sealed result needs --key FILE and a file for it: -o result.sealed");
        }

        if (Protection is not null and not Streams.Protection.Open && Key is null && Keys.Broker is null)
        {
            throw CommandFailedException.Usage($"--protection {Protection.ToString()!.ToLowerInvariant()} needs the owner's key: --key FILE ('culvert keys new owner.key' makes one)");
        }

        _ = EffectiveFormat;
    }
}
