using System.Buffers;
using System.Collections.Immutable;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// What a job program was called with, as far as its plan depends on it: enough to build the plan again in a worker of the same
/// program (docs/specs/job-invocation.md).
/// </summary>
internal sealed record JobInvocation
{
    private const byte Version = 1;
    private const int InputsMax = 1 << 16;
    private const int InputBytesMax = 1 << 15;
    private const int ParametersMax = 1 << 12;
    private const int NameBytesMax = 1 << 10;
    private const int ValueBytesMax = 1 << 16;
    private const int OutputBytesMax = 1 << 10;
    private const int SourcesMax = 1 << 16;

    /// <summary>Files and patterns, as they were given.</summary>
    internal ImmutableArray<string> Inputs { get; init; } = [];

    /// <summary>The job's parameters by name.</summary>
    internal ImmutableDictionary<string, string> Parameters { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The protection of stages that name none; null for the job's.</summary>
    internal Protection? Protection { get; init; }

    /// <summary>How the plan names the sink that stands for <see cref="JobContext.Output"/>.</summary>
    internal string Output { get; init; } = "";

    /// <summary>For each source, inputs before what reads them, whether sealed files stand for its CSV.</summary>
    internal ImmutableArray<bool> SealedSources { get; init; } = [];

    /// <summary>What the function defines, in the protection asked for.</summary>
    internal Job Define(Func<JobContext, Job> define, SinkSpec output)
    {
        Job job = define(new JobContext(Inputs, output, Parameters));
        return Protection is { } protection ? JobProtection.Apply(job, protection) : job;
    }

    /// <summary>The same with the sources of a job whose files are sealed ones, by how they begin.</summary>
    internal JobInvocation LookAtSources(Job job) => this with
    {
        SealedSources = [.. Sources(job).Select(s => s.Source is CsvSourceSpec csv && SealedFileSource.AreSealed(csv.Settings.Inputs))],
    };

    /// <summary>The job with sealed files in the place of CSV; <paramref name="owner"/> gives the secret to whoever opens them.</summary>
    internal Job ReadSealed(Job job, Func<Secret> owner)
    {
        SourceNode[] sources = [.. Sources(job)];
        if (sources.Length != SealedSources.Length)
        {
            throw new JobDefinitionException($"the job has {sources.Length} sources here and {SealedSources.Length} where it was started");
        }

        HashSet<Node> replaced = new(sources.Where((_, i) => SealedSources[i]), ReferenceEqualityComparer.Instance);
        return replaced.Count == 0 ? job : NodeRewriter.Rewrite(job, node => !replaced.Contains(node) ? null
            : ((SourceNode)node).Source is CsvSourceSpec csv ? Sealed(node, csv, owner)
            : throw new JobDefinitionException("sealed files can stand for CSV only"));
    }

    /// <summary>The canonical form.</summary>
    internal byte[] Write()
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Byte(Version);
        writer.Int32(Inputs.Length);
        foreach (string input in Inputs)
        {
            writer.Text(input);
        }

        writer.Int32(Parameters.Count);
        foreach ((string name, string value) in Parameters.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            writer.Text(name);
            writer.Text(value);
        }

        writer.Byte((byte)(Protection ?? 0));
        writer.Text(Output);
        writer.Int32(SealedSources.Length);
        foreach (bool isSealed in SealedSources)
        {
            writer.Byte(isSealed ? (byte)1 : (byte)0);
        }

        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote; anything else is <see cref="FailureKind.Malformed"/>.</summary>
    internal static Outcome<JobInvocation> Read(ReadOnlySpan<byte> bytes)
    {
        FieldReader reader = new(bytes);
        bool isValid = reader.Byte() == Version;
        ImmutableArray<string>.Builder inputs = ImmutableArray.CreateBuilder<string>();
        for (int left = Count(ref reader, InputsMax, ref isValid); left > 0 && !reader.IsCut; left--)
        {
            inputs.Add(reader.Text(InputBytesMax));
        }

        ImmutableDictionary<string, string>.Builder parameters = ImmutableDictionary.CreateBuilder<string, string>();
        string? last = null;
        for (int left = Count(ref reader, ParametersMax, ref isValid); left > 0 && !reader.IsCut && isValid; left--)
        {
            string name = reader.Text(NameBytesMax);
            isValid &= last is null || string.CompareOrdinal(last, name) < 0;
            parameters[name] = reader.Text(ValueBytesMax);
            last = name;
        }

        Protection protection = (Protection)reader.Byte();
        isValid &= protection == 0 || Enum.IsDefined(protection);
        string output = reader.Text(OutputBytesMax);
        ImmutableArray<bool>.Builder sources = ImmutableArray.CreateBuilder<bool>();
        for (int left = Count(ref reader, SourcesMax, ref isValid); left > 0 && !reader.IsCut; left--)
        {
            byte flag = reader.Byte();
            isValid &= flag <= 1;
            sources.Add(flag == 1);
        }

        return !isValid || reader.IsCut || reader.Left > 0
            ? new Failure(FailureKind.Malformed, "what the job was called with cannot be read: inputs or parameters are too many or too long (docs/specs/job-invocation.md), or owner and worker are not the same program")
            : new JobInvocation
            {
                Inputs = inputs.ToImmutable(),
                Parameters = parameters.ToImmutable(),
                Protection = protection == 0 ? null : protection,
                Output = output,
                SealedSources = sources.ToImmutable(),
            };
    }

    private static int Count(ref FieldReader reader, int countMax, ref bool isValid)
    {
        int count = reader.Int32();
        isValid &= count >= 0 && count <= countMax;
        return isValid ? count : 0;
    }

    private static IEnumerable<SourceNode> Sources(Job job) => NodeRewriter.Nodes(job).OfType<SourceNode>();

    private static Node Sealed(Node node, CsvSourceSpec csv, Func<Secret> owner) =>
        new SourceNode(new SealedFileSourceSpec(new SealedFileSourceSettings { Inputs = csv.Settings.Inputs, Owner = owner }), node.Schema)
            .With(node.Name, node.Protection, node.Constraints, node.Apart);
}
