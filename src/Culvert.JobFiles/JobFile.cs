using System.Collections.Immutable;
using Culvert.JobFiles.Keys;
using Culvert.JobFiles.Reading;
using Culvert.JobFiles.Yaml;
using Culvert.Streams;

namespace Culvert.JobFiles;

/// <summary>A job as a YAML file says it; docs/job-files.md is the guide. Immutable.</summary>
public sealed class JobFile
{
    internal JobFile(Job job, IReadOnlyDictionary<string, Node> streams)
    {
        Job = job;
        Streams = streams;
    }

    /// <summary>The graph.</summary>
    public Job Job { get; }

    /// <summary>What it does, for people.</summary>
    public string? Description { get; init; }

    /// <summary>The workers that the file asks for, or null; the command line goes before it.</summary>
    public int? Workers { get; init; }

    /// <summary>The named stages, sources and late streams.</summary>
    public IReadOnlyDictionary<string, Node> Streams { get; }

    /// <summary>The tests that stand in the file.</summary>
    public ImmutableArray<JobFileTest> Tests { get; init; } = [];

    /// <summary>
    /// Reads a job file. Never throws for what the text holds: flaws are diagnostics, all that can be found at once.
    /// Thread safe where the context's ports are.
    /// </summary>
    public static JobFileReading Load(string text, JobFileContext context)
    {
        DiagnosticList diagnostics = new(new SourceText(context.FileName, text));
        YamlNode? root = YamlFile.Read(diagnostics);
        if (root is null)
        {
            return new JobFileReading(null, diagnostics.ToImmutable());
        }

        new ObjectShape(Vocabulary.Job).Check(root, diagnostics);
        JobFile? file = root is YamlMap map ? new JobReader(context, diagnostics).Read(map) : null;
        return new JobFileReading(diagnostics.ErrorCount == 0 ? file : null, diagnostics.ToImmutable());
    }

    /// <summary>The job that sends what flows at a named stage to <paramref name="sink"/> and does nothing else: <c>peek</c>.</summary>
    public Outcome<Job> Peek(string stage, SinkSpec sink) =>
        Streams.TryGetValue(stage, out Node? node)
            ? NodeRewriter.With(Job, [new SinkNode(node, sink)])
            : new Failure(FailureKind.Missing, $"the job '{Job.Name}' has no stage '{stage}'{NearestName.Hint(stage, Streams.Keys)}; there are {string.Join(", ", Streams.Keys)}");
}
