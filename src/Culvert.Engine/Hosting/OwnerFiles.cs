using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// The sealed files of a run as whoever starts it knows them: which they are, and for their owner also that they open and have
/// the columns that the plan reads.
/// </summary>
internal sealed class OwnerFiles
{
    private readonly List<(StreamId Stream, string Path)> _paths = [];
    private (StreamId Stream, string Path)? _begun;

    private OwnerFiles()
    {
    }

    /// <summary>The files by source stage, as the host opens them.</summary>
    internal ImmutableArray<(StageId Stage, ImmutableArray<string> Paths)> InputPaths { get; private set; } = [];

    /// <summary>The files with their headers, in the order of stages and names.</summary>
    internal ImmutableArray<StageInput> Inputs { get; private set; } = [];

    /// <summary>Where the sealed result goes, or null when the plan has none.</summary>
    internal string? OutputPath { get; private set; }

    /// <summary>Whose key opens them.</summary>
    internal OwnerKeyId OwnerKey { get; private set; }

    /// <summary>What a run's keys are bound to beside its plan: the inputs. State of a run over other input opens nothing here.</summary>
    internal ImmutableArray<byte> Digest { get; private set; } = [];

    /// <summary>The streams by source stage.</summary>
    internal ImmutableSortedDictionary<StageId, ImmutableArray<StreamId>> Streams => Inputs
        .GroupBy(input => input.Stage)
        .ToImmutableSortedDictionary(stage => stage.Key, stage => stage.Select(input => input.Stream).ToImmutableArray());

    /// <summary>
    /// Reads the headers of the inputs and of a result that was begun, and opens them where there is the owner's secret. What
    /// cannot be read throws <see cref="JobFailedException"/>.
    /// </summary>
    internal static OwnerFiles Open(Plan plan, Secret? owner, OwnerRunOptions options)
    {
        OwnerFiles files = new();
        files.OpenInputs(plan, owner);
        files.OpenOutput(plan, owner, options);
        return files;
    }

    /// <summary>The stream of the sealed result, or null. A result of another run that was begun throws <see cref="JobFailedException"/>.</summary>
    internal StreamId? OutputOf(PlanDigest plan, RunId run)
    {
        if (OutputPath is null)
        {
            return null;
        }

        StreamId output = ReleaseBinding.ResultStreamOf(plan, run, Digest.AsSpan());
        return _begun is { } begun && begun.Stream != output
            ? throw new JobFailedException($"cannot resume: {begun.Path} is the result of another run than the snapshots are of")
            : output;
    }

    /// <summary>A worker's message with the inputs' paths in it: workers know the files by their streams only.</summary>
    internal string WithPaths(string message) =>
        _paths.Aggregate(message, (text, file) => text.Replace($"sealed input {file.Stream}", file.Path, StringComparison.Ordinal));

    private void OpenInputs(Plan plan, Secret? owner)
    {
        ImmutableArray<(StageId, ImmutableArray<string>)>.Builder paths = ImmutableArray.CreateBuilder<(StageId, ImmutableArray<string>)>();
        ImmutableArray<StageInput>.Builder inputs = ImmutableArray.CreateBuilder<StageInput>();
        using IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        OwnerKeyId? key = owner is null ? null : KeySchedule.KeyId(owner);
        foreach (Stage stage in plan.Stages.Where(s => s.Source is { Source.IsSealed: true }))
        {
            if (stage.Source!.Source is not SealedFileSourceSpec spec)
            {
                throw new JobFailedException($"nobody here can open the source {stage.Source.Source.Description}");
            }

            List<string> named = Culvert.Engine.InputPaths.Expand(spec.Settings.Inputs);
            foreach (string path in named)
            {
                SealedFileHeader header = ReadHeader(path);
                if (owner is not null)
                {
                    using SealedFileOpener opener = Whole(SealedFileOpener.OpenAsOwner(path, owner, header));
                    Schema schema = Whole(ColumnCodec.ReadTypes(opener.Contents.ColumnNames, opener.Contents.Schema.Span));
                    Whole(StoredColumns.Find(path, schema, stage.Source.Schema));
                }
                else if (key is { } other && header.OwnerKey != other)
                {
                    throw new JobFailedException($"{path} is sealed for the key {header.OwnerKey}, and what comes before it for {other}: one owner's keys are released for a run");
                }

                key ??= header.OwnerKey;
                inputs.Add(new StageInput(stage.Id, header.Stream, [.. header.Bytes.Span]));
                _paths.Add((header.Stream, path));
                digest.AppendData(header.Bytes.Span);
            }

            paths.Add((stage.Id, [.. named.Select(Path.GetFullPath)]));
        }

        (InputPaths, Inputs, OwnerKey) = (paths.ToImmutable(), inputs.ToImmutable(), key ?? default);
        Digest = [.. digest.GetHashAndReset()];
    }

    private void OpenOutput(Plan plan, Secret? owner, OwnerRunOptions options)
    {
        if (SealedStream.ResultStage(plan) is null)
        {
            return;
        }

        string path = options.Output ?? throw new JobFailedException("the job writes a sealed result, and no file is named for it");
        OutputPath = Path.GetFullPath(path);
        if (!options.Resume)
        {
            return;
        }

        string existing = File.Exists(path + FileSinkSpec.PartialSuffix) ? path + FileSinkSpec.PartialSuffix : path;
        SealedFileHeader begun = File.Exists(existing)
            ? ReadHeader(existing)
            : throw new JobFailedException($"cannot resume: there is neither {path}{FileSinkSpec.PartialSuffix} nor {path}");
        if (owner is not null)
        {
            using SealedFileOpener opener = Whole(SealedFileOpener.OpenAsOwner(existing, owner, begun));
        }

        _begun = (begun.Stream, existing);
    }

    private static SealedFileHeader ReadHeader(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Whole(SealedFileIndex.ReadHeader(path, file));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new JobFailedException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    private static T Whole<T>(Outcome<T> outcome) => outcome.Failure is { } failure ? throw new JobFailedException(failure.Message) : outcome.Value;
}
