using System.Collections.Immutable;
using System.Globalization;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>What the command line of a job program says; see <see cref="Usage"/>.</summary>
public sealed record JobArguments
{
    /// <summary>What a program prints for <c>--help</c>, behind its own name.</summary>
    public const string Usage = """
        usage: [INPUT…] [options]
          INPUT                 files or patterns, as the job understands them
          --workers N           threads that share the work, 1 to 1024; default: the processors
          --format FORMAT       table, json, jsonl, csv or sealed; default: by the name of -o, else table
          -o, --output FILE     writes the result to a file, which has its name once it is complete
          --snapshots FOLDER    keeps snapshots, from which a lost run goes on
          --resume              goes on from the newest snapshot
          --set NAME=VALUE      a parameter of the job
          --key FILE            the owner's key ('culvert keys new FILE' makes one): opens sealed INPUT, and is needed for
                                what follows and for a sealed result (-o FILE.sealed)
          --passphrase-file FILE
                                a file whose only line is the key's passphrase; default: a terminal is asked
          --protection HOW      open, sealed or enclave: where stages that do not fix it may show their data
          --broker URL          the owner's key broker, which verifies enclaves' evidence and gives them their keys; with sealed
                                INPUT and a sealed result no --key is needed
          --broker-ca FILE      the certificate of the broker's authority, PEM; default: what the system trusts
          --manifest FILE       instead of a broker: releases keys by this manifest here, with --key
          --collateral FOLDER   what the hardware's vendor publishes for this machine, where its evidence does not bring it
          --release-check TIME  how often the broker is asked whether the run may go on, such as 30s; default: 1m
          --manifest-draft FILE runs nothing, and writes what 'culvert manifest init FILE' makes a manifest of: for this program and
                                a run with the same INPUT and options; with --key
          --prove FILE          writes what an auditor needs to check the result ('culvert verify FILE')
          --epc SIZE            memory of each enclave for keyed state, such as 90MB; what is more is paged out sealed
          -h, --help            this text
        """;

    private static readonly HashSet<string> s_withValue =
        ["--workers", "--format", "-o", "--output", "--snapshots", "--set", "--key", "--passphrase-file", "--protection", "--epc", "--broker", "--broker-ca", "--manifest", "--release-check", "--collateral", "--manifest-draft", "--prove"];

    /// <summary>Most threads that can be asked for.</summary>
    public const int WorkersMax = 1024;

    /// <summary>Files or patterns to read.</summary>
    public ImmutableArray<string> Inputs { get; init; } = [];

    /// <summary>Threads, or null for the engine's default.</summary>
    public int? Workers { get; init; }

    /// <summary>How the result is written.</summary>
    public ResultFormat Format { get; init; } = ResultFormat.Table;

    /// <summary>The file of the result, or null for standard output.</summary>
    public string? Output { get; init; }

    /// <summary>The folder of the snapshots, or null.</summary>
    public string? Snapshots { get; init; }

    /// <summary>Whether to go on from a snapshot.</summary>
    public bool Resume { get; init; }

    /// <summary>The file of the owner's key, or null.</summary>
    public string? Key { get; init; }

    /// <summary>The file of the key's passphrase; null: a terminal is asked.</summary>
    public string? PassphraseFile { get; init; }

    /// <summary>The protection of stages that name none; null leaves the job's.</summary>
    public Protection? Protection { get; init; }

    /// <summary>Bytes of keyed state that an enclave keeps inside; null: all of it.</summary>
    public long? StateBytesMax { get; init; }

    /// <summary>Where enclaves get their keys from.</summary>
    public KeySource Keys { get; init; } = new();

    /// <summary>The file of a draft of the manifest, which is all that is wanted then; or null.</summary>
    public string? ManifestDraft { get; init; }

    /// <summary>The file of the proof, or null.</summary>
    public string? Prove { get; init; }

    /// <summary>Whether only <see cref="Usage"/> is wanted.</summary>
    public bool Help { get; init; }

    /// <summary>The job's parameters by name.</summary>
    public ImmutableDictionary<string, string> Parameters { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Reads a command line; what is wrong with it is a failure of the kind <see cref="FailureKind.Malformed"/>.</summary>
    public static Outcome<JobArguments> Parse(IReadOnlyList<string> arguments)
    {
        JobArguments parsed = new();
        ResultFormat? format = null;
        bool onlyInputs = false;
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (onlyInputs || argument == "-" || !argument.StartsWith('-'))
            {
                parsed = parsed with { Inputs = parsed.Inputs.Add(argument) };
                continue;
            }

            if (argument == "--")
            {
                onlyInputs = true;
                continue;
            }

            int equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
            string name = equals < 0 ? argument : argument[..equals];
            if (name is "--resume" or "-h" or "--help" && equals < 0)
            {
                parsed = name == "--resume" ? parsed with { Resume = true } : parsed with { Help = true };
                continue;
            }

            if (!s_withValue.Contains(name))
            {
                return Wrong($"there is no option {argument}");
            }

            if (equals < 0 && i + 1 == arguments.Count)
            {
                return Wrong($"{name} needs a value behind it");
            }

            string value = equals < 0 ? arguments[++i] : argument[(equals + 1)..];
            Outcome<JobArguments> next = name == "--format" ? ParseFormat(parsed, value, ref format) : parsed.With(name, value);
            if (!next.Succeeded)
            {
                return next;
            }

            parsed = next.Value;
        }

        return parsed.Settle(format);
    }

    private static Outcome<JobArguments> ParseFormat(JobArguments parsed, string value, ref ResultFormat? format)
    {
        format = value switch
        {
            "table" => ResultFormat.Table,
            "json" => ResultFormat.Json,
            "jsonl" => ResultFormat.JsonLines,
            "csv" => ResultFormat.Csv,
            "sealed" => ResultFormat.Sealed,
            _ => null,
        };
        return format is null ? Wrong($"--format {value}: the formats are table, json, jsonl, csv and sealed") : parsed;
    }

    private Outcome<JobArguments> With(string name, string value)
    {
        switch (name)
        {
            case "--workers":
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int workers) && workers is >= 1 and <= WorkersMax
                    ? this with { Workers = workers }
                    : Wrong($"--workers {value}: it must be a number from 1 to {WorkersMax}");
            case "--snapshots":
                return this with { Snapshots = value };
            case "--key":
                return this with { Key = value };
            case "--broker":
                return this with { Keys = Keys with { Broker = value } };
            case "--broker-ca":
                return this with { Keys = Keys with { BrokerAuthority = value } };
            case "--manifest":
                return this with { Keys = Keys with { Manifest = value } };
            case "--collateral":
                return this with { Keys = Keys with { Collateral = value } };
            case "--release-check":
                return TimeOf(value) is { } check
                    ? this with { Keys = Keys with { CheckInterval = check } }
                    : Wrong($"--release-check {value}: it is a number and s, m or h, such as 30s");
            case "--manifest-draft":
                return this with { ManifestDraft = value };
            case "--prove":
                return this with { Prove = value };
            case "--passphrase-file":
                return this with { PassphraseFile = value };
            case "--protection":
                return value is "open" or "sealed" or "enclave"
                    ? this with { Protection = Enum.Parse<Protection>(value, ignoreCase: true) }
                    : Wrong($"--protection {value}: it is open, sealed or enclave");
            case "--epc":
                return ByteSize.TryParse(value, out long bytes) && bytes >= StateBudget.BytesMin
                    ? this with { StateBytesMax = bytes }
                    : Wrong($"--epc {value}: it is a size of at least 256KB, such as 90MB");
            case "--set":
                int equals = value.IndexOf('=', StringComparison.Ordinal);
                return equals > 0
                    ? this with { Parameters = Parameters.SetItem(value[..equals], value[(equals + 1)..]) }
                    : Wrong($"--set {value}: write it as NAME=VALUE");
            default:
                return this with { Output = value };
        }
    }

    /// <summary>Whole seconds, minutes or hours, up to a day.</summary>
    private static TimeSpan? TimeOf(string text)
    {
        int unit = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        return unit > 0 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= 86_400 / unit
            ? TimeSpan.FromSeconds(count * unit)
            : null;
    }

    private Outcome<JobArguments> Settle(ResultFormat? format)
    {
        if (Resume && Snapshots is null && !Help)
        {
            return Wrong("--resume needs --snapshots FOLDER: where are they?");
        }

        if (!Help && Keys.WhatIsWrong(Key is not null) is { } wrong)
        {
            return Wrong(wrong);
        }

        if (ManifestDraft is not null && Key is null && !Help)
        {
            return Wrong("--manifest-draft needs the owner's key, whose manifest it is to be: --key FILE ('culvert keys new owner.key' makes one)");
        }

        if (Prove is not null && !Keys.Attests && !Help)
        {
            return Wrong("--prove needs evidence that somebody verifies: --broker URL, or --manifest FILE with --key");
        }

        if (Key is null && Keys.Broker is null && !Help && (PassphraseFile is not null || Protection is not (null or Streams.Protection.Open)))
        {
            string option = PassphraseFile is not null ? "--passphrase-file" : $"--protection {Protection.ToString()!.ToLowerInvariant()}";
            return Wrong($"{option} needs the owner's key: --key FILE ('culvert keys new owner.key' makes one)");
        }

        if (Output is null)
        {
            return format == ResultFormat.Sealed ? SealedNeeds : this with { Format = format ?? ResultFormat.Table };
        }

        format ??= Path.GetExtension(Output).ToUpperInvariant() switch
        {
            ".CSV" => ResultFormat.Csv,
            ".JSONL" or ".NDJSON" => ResultFormat.JsonLines,
            ".JSON" => ResultFormat.Json,
            ".SEALED" => ResultFormat.Sealed,
            _ => null,
        };
        return format switch
        {
            null => Wrong($"-o {Output}: say with --format json, jsonl, csv or sealed what to write there"),
            ResultFormat.Table => Wrong("a table is for the terminal: for a file choose --format json, jsonl, csv or sealed"),
            ResultFormat.Sealed when Key is null && Keys.Broker is null => SealedNeeds,
            { } known => this with { Format = known },
        };
    }

    private static Failure SealedNeeds => Wrong("a sealed result needs --key FILE and a file for it: -o result.sealed");

    private static Failure Wrong(string message) => new(FailureKind.Malformed, message);
}
