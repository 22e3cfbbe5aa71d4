using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Jobs;
using Culvert.Cli.Output;
using Culvert.Engine;
using Culvert.JobFiles.Keys;
using Culvert.Streams;

namespace Culvert.Cli.Commands;

/// <summary>Arguments and options that several commands have.</summary>
internal static class JobSymbols
{
    internal static Argument<string> Job() => new("JOB") { Description = "The job file (YAML)" };

    internal static Option<string[]> Input() => new("--input", "-i")
    {
        Description = "A file that the job's source reads instead of its own; a pattern, '-' for standard input; can be repeated",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    internal static Option<string?> Malformed() => new("--malformed")
    {
        Description = "What to do with rows that cannot be read: fail (default), skip, or the name of a file that they go to",
        HelpName = "fail|skip|FILE",
    };

    internal static Option<int?> Workers()
    {
        Option<int?> workers = new("--workers", "-w")
        {
            Description = "Threads that share the work; default: the job file's, else the machine's processors",
            HelpName = "N",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= 1024)
                {
                    return count;
                }

                result.AddError($"--workers is a number from 1 to 1024, and not '{text}'");
                return null;
            },
        };
        return workers;
    }

    internal static Option<TimeSpan> SnapshotInterval() => Time("--snapshot-interval", "Time between snapshots: 500ms, 10s, 5m; default: 10s", TimeSpan.FromSeconds(10));

    internal static Option<TimeSpan> ReleaseCheck() => Time(
        "--release-check", "How often the key broker is asked whether the run may go on: what it takes back ends the run within this time, and when nobody can ask it, within ten times this time; default: 1m", new KeySource().CheckInterval);

    private static Option<TimeSpan> Time(string name, string description, TimeSpan value) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        DefaultValueFactory = _ => value,
        CustomParser = result =>
        {
            if (Duration.TryParse(result.Tokens[0].Value, out TimeSpan span))
            {
                return span;
            }

            result.AddError($"{name} is a number and ms, s, m or h, such as 10s, and not '{result.Tokens[0].Value}'");
            return default;
        },
    };

    internal static Option<long?> StateBytes() => new("--epc")
    {
        Description = "Memory of each enclave for keyed state (90MB, 2GB; the runtime itself comes on top); what is more is paged out sealed",
        HelpName = "SIZE",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (ByteSize.TryParse(text, out long bytes) && bytes >= Stages.StateBudget.BytesMin)
            {
                return bytes;
            }

            result.AddError($"--epc is a size of at least 256KB, such as 90MB, and not '{text}'");
            return null;
        },
    };

    /// <summary>An option that is one of some words.</summary>
    internal static Option<string?> OneOf(string name, string description, params string[] words)
    {
        Option<string?> option = new(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            CustomParser = result =>
            {
                string word = result.Tokens[0].Value;
                if (words.Contains(word))
                {
                    return word;
                }

                string hint = UsageErrors.Nearest(word, words) is { } nearest ? $"; did you mean '{nearest}'?" : "";
                result.AddError($"{name} is one of {string.Join(", ", words)}, and not '{word}'{hint}");
                return null;
            },
        };
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>What <c>JOB</c>, <c>--input</c> and <c>--malformed</c> ask for.</summary>
    internal static JobRequest Request(string path, string[]? input, string? malformed = null) => new(path)
    {
        Input = [.. input ?? []],
        Malformed = malformed switch
        {
            null => null,
            "fail" => MalformedRowPolicy.Fail,
            "skip" => MalformedRowPolicy.Skip,
            _ => MalformedRowPolicy.SetAside,
        },
        SetAside = malformed is null or "fail" or "skip" ? null : malformed,
    };
}
