using System.CommandLine;
using System.Collections.Immutable;
using Culvert.Cli.Jobs;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Cli.Commands.Manifests;

/// <summary>
/// The plan that a run with the same options will have: protection and the form of the result are part of a plan, so
/// whoever states a plan's keys has to say them as whoever runs it does.
/// </summary>
internal sealed class ManifestJob
{
    private readonly Option<string[]> _input = JobSymbols.Input();
    private readonly Option<string?> _malformed = JobSymbols.Malformed();

    private readonly Option<string?> _protection = JobSymbols.OneOf(
        "--protection", "As for run: where stages that do not fix it may show their data; default: enclave", "open", "sealed", "enclave");

    private readonly Option<string?> _format = JobSymbols.OneOf(
        "--format", "As for run: how the result is shown, in place of the job's (first) sink", RunRequest.Formats);

    private readonly Option<string?> _result = new("--result") { Description = "As for run's --output: the result's file, whose name tells its form", HelpName = "FILE" };

    /// <summary>The options, for a command that has them.</summary>
    internal IEnumerable<Option> Options => [_input, _malformed, _protection, _format, _result];

    /// <summary>Whether a command line has any of them.</summary>
    internal bool IsAsked(ParseResult parsed) =>
        parsed.GetValue(_input) is { Length: > 0 } || parsed.GetValue(_malformed) is not null || parsed.GetValue(_protection) is not null
        || parsed.GetValue(_format) is not null || parsed.GetValue(_result) is not null;

    /// <summary>Compiles a job as a run would. Sealed input needs the owner's secret, which stays the caller's.</summary>
    internal Plan Compile(ParseResult parsed, string path, Secret? owner)
    {
        LoadedJob loaded = LoadedJob.Load(JobSymbols.Request(path, parsed.GetValue(_input), parsed.GetValue(_malformed)).OwnedBy(owner));
        Job job = JobProtection.Apply(loaded.File.Job, parsed.GetValue(_protection) switch
        {
            "open" => Protection.Open,
            "sealed" => Protection.Sealed,
            _ => Protection.Enclave,
        });
        RunRequest request = new(new JobRequest(path)) { Format = parsed.GetValue(_format), Output = parsed.GetValue(_result) };
        return Plan.Compile(WithSink(job, request));
    }

    /// <summary>The sealed files that the command line names, or null when it names none.</summary>
    internal ImmutableArray<StreamId>? Inputs(ParseResult parsed, Plan plan)
    {
        if (parsed.GetValue(_input) is not { Length: > 0 })
        {
            return null;
        }

        ImmutableArray<StreamId> streams = ManifestDraft.InputsOf(plan);
        return streams.IsEmpty ? null : streams;
    }

    /// <summary>The sink that a run would put in the place of the job's first. Nothing is opened or written.</summary>
    private static Job WithSink(Job job, RunRequest request)
    {
        string path = request.Output ?? "-";
        using ResultRows rows = new();
        SinkSpec? sink = request.EffectiveFormat switch
        {
            "json" => rows.Sink,
            "jsonl" => ToPath(path, new JsonLinesFormat()),
            "csv" => ToPath(path, new CsvFormat()),
            "table" => new TableSinkSpec(TextWriter.Null),
            "sealed" => SealedResultSinkSpec.For(job, path, () => throw new InvalidOperationException("nothing is sealed here"), new RunCoverage()),
            _ => null,
        };
        return sink is null
            ? job
            : NodeRewriter.With(job, [(SinkNode)new SinkNode(job.Sinks[0].Inputs[0], sink).With(job.Sinks[0].Name), .. job.Sinks.Skip(1)]);
    }

    private static SinkSpec ToPath(string path, RowFormat format) =>
        path == "-" || Output.OutputFile.IsDevice(path) ? new StreamSinkSpec(Stream.Null, format) : new FileSinkSpec(path, format);
}
