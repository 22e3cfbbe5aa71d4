using System.Collections.Immutable;
using System.CommandLine;
using Culvert.Attestation;
using Culvert.Cli.Jobs;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Cli.Commands.Manifests;

/// <summary>
/// The plan that a run with the same options will have: protection, and whether the result is sealed, are part of a plan, so
/// whoever states a plan's keys has to say them as whoever runs it does.
/// </summary>
internal sealed class ManifestJob
{
    private readonly Option<string[]> _input = JobSymbols.Input();
    private readonly Option<string?> _malformed = JobSymbols.Malformed();

    private readonly Option<bool> _follow = new("--follow") { Description = "As for run: the input is read on as it grows" };

    private readonly Option<string?> _protection = JobSymbols.OneOf(
        "--protection", "As for run: where stages that do not fix it may show their data; default: enclave", "open", "sealed", "enclave");

    private readonly Option<string?> _result = new("--result") { Description = "As for run's --output: a result that goes to a .sealed file is sealed by the enclaves, which is part of the plan", HelpName = "FILE" };

    /// <summary>The options, for a command that has them.</summary>
    internal IEnumerable<Option> Options => [_input, _malformed, _follow, _protection, _result];

    /// <summary>Whether a command line has any of them.</summary>
    internal bool IsAsked(ParseResult parsed) =>
        parsed.GetValue(_input) is { Length: > 0 } || parsed.GetValue(_malformed) is not null || parsed.GetValue(_protection) is not null
        || parsed.GetValue(_result) is not null || parsed.GetValue(_follow);

    /// <summary>
    /// The plan of a job file, compiled as a run would, or of a job program's draft. Sealed input needs the owner's secret, which
    /// stays the caller's.
    /// </summary>
    internal ManifestPlan Read(ParseResult parsed, string path, Secret? owner)
    {
        if (ReadDraft(path) is { } draft)
        {
            return IsAsked(parsed)
                ? throw CommandFailedException.Usage($"{path} is a job program's draft and has its plan: --input, --malformed, --follow, --protection and --result are for the program that writes it")
                : new ManifestPlan(PlanKeys.Of(draft), draft.Inputs, draft);
        }

        Plan plan = Compile(parsed, path, owner);
        return new ManifestPlan(PlanKeys.Of(plan), Inputs(parsed, plan), null);
    }

    private Plan Compile(ParseResult parsed, string path, Secret? owner)
    {
        LoadedJob loaded = LoadedJob.Load(
            (JobSymbols.Request(path, parsed.GetValue(_input), parsed.GetValue(_malformed)) with { Follow = parsed.GetValue(_follow) }).OwnedBy(owner));
        Job job = JobProtection.Apply(loaded.File.Job, parsed.GetValue(_protection) switch
        {
            "open" => Protection.Open,
            "sealed" => Protection.Sealed,
            _ => Protection.Enclave,
        });
        RunRequest request = new(new JobRequest(path)) { Output = parsed.GetValue(_result) };
        return Plan.Compile(WithSink(job, request));
    }

    /// <summary>What the file has if it is a draft; null for any other, which whoever reads a job file then judges.</summary>
    private static Manifest? ReadDraft(string path)
    {
        FileInfo file = new(path);
        if (!file.Exists || file.Length > ManifestLimits.BytesMax)
        {
            return null;
        }

        byte[] bytes = File.ReadAllBytes(path);
        if (!ManifestDraftFile.Begins(bytes))
        {
            return null;
        }

        Outcome<SignedManifest> read = ManifestDocument.Read(bytes);
        return !read.Succeeded ? throw CommandFailedException.Usage($"{path} is no job file and no draft: {read.Failure.Message}")
            : read.Value.Signatures.IsEmpty && read.Value.Manifest.Version == 1 ? read.Value.Manifest
            : throw CommandFailedException.Usage($"{path} is a manifest, and no job: 'culvert manifest update {path}' makes its next version");
    }

    /// <summary>The sealed files that the command line names, or null when it names none.</summary>
    private ImmutableArray<StreamId>? Inputs(ParseResult parsed, Plan plan)
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
        SinkSpec? sink = request.EffectiveFormat switch
        {
            null => null,
            "sealed" => SealedResultSinkSpec.For(job, request.Output!, () => throw new InvalidOperationException("nothing is sealed here"), new RunCoverage()),
            _ => new TableSinkSpec(TextWriter.Null), // in what form the owner is shown a result is no part of the plan
        };
        return sink is null
            ? job
            : NodeRewriter.With(job, [(SinkNode)new SinkNode(job.Sinks[0].Inputs[0], sink).With(job.Sinks[0].Name), .. job.Sinks.Skip(1)]);
    }
}
