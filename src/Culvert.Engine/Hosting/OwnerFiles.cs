using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>The sealed files of a run as their owner knows them: which they are, and their keys.</summary>
internal sealed class OwnerFiles : IDisposable
{
    private readonly Plan _plan;
    private readonly Dictionary<StageId, List<SealedStream>> _inputs = [];
    private readonly List<(StreamId Stream, string Path)> _paths = [];

    private OwnerFiles(Plan plan) => _plan = plan;

    /// <summary>The files by source stage, as the host opens them.</summary>
    internal ImmutableArray<(StageId Stage, ImmutableArray<string> Paths)> InputPaths { get; private set; } = [];

    /// <summary>The sealed result, or null.</summary>
    internal SealedStream? Output { get; private set; }

    /// <summary>What a run's keys are bound to beside its plan: the inputs. State of a run over other input opens nothing here.</summary>
    internal byte[] Binding { get; private set; } = [];

    /// <summary>Opens the headers of the inputs, and makes that of the result. What cannot be read throws <see cref="JobFailedException"/>.</summary>
    internal static OwnerFiles Open(Plan plan, Secret owner, OwnerRunOptions options)
    {
        OwnerFiles files = new(plan);
        try
        {
            files.OpenInputs(owner, options);
            files.OpenOutput(owner, options);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>The inputs of the source stages of a place, with keys of their own.</summary>
    internal ImmutableDictionary<StageId, ImmutableArray<SealedStream>> InputsOf(StagePlace place)
    {
        // A sink names the inputs of its result, and so may read their ends wherever it is.
        return _inputs
            .Where(i => WritesResult(place) || RunLayout.PlaceOf(_plan.Stages[i.Key.Value]) == place)
            .ToImmutableDictionary(i => i.Key, i => i.Value.Select(Copy).ToImmutableArray());
    }

    /// <summary>The result, if a sink of a place writes it.</summary>
    internal SealedStream? OutputOf(StagePlace place) => WritesResult(place) ? Copy(Output!) : null;

    /// <summary>A worker's message with the inputs' paths in it: workers know the files by their streams only.</summary>
    internal string WithPaths(string message) =>
        _paths.Aggregate(message, (text, file) => text.Replace($"sealed input {file.Stream}", file.Path, StringComparison.Ordinal));

    public void Dispose()
    {
        foreach (SealedStream stream in _inputs.Values.SelectMany(i => i))
        {
            stream.Key.Dispose();
        }

        Output?.Key.Dispose();
    }

    private static SealedStream Copy(SealedStream stream) => stream with { Key = Secret.CopyOf(stream.Key.Bytes) };

    private bool WritesResult(StagePlace place) => Output is not null && SinkStage() is { } stage && RunLayout.PlaceOf(stage) == place;

    private Stage? SinkStage() => _plan.Stages.FirstOrDefault(s => s.Operators.Any(o => o.Node is SinkNode { Sink.IsSealed: true }));

    private void OpenInputs(Secret owner, OwnerRunOptions options)
    {
        ImmutableArray<(StageId, ImmutableArray<string>)>.Builder paths = ImmutableArray.CreateBuilder<(StageId, ImmutableArray<string>)>();
        using IncrementalHash binding = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Stage stage in _plan.Stages.Where(s => s.Source is { Source.IsSealed: true }))
        {
            if (stage.Source!.Source is not SealedFileSourceSpec spec)
            {
                throw new JobFailedException($"nobody here can open the source {stage.Source.Source.Description}");
            }

            List<string> named = Culvert.Engine.InputPaths.Expand(spec.Settings.Inputs);

            List<SealedStream> streams = [];
            _inputs.Add(stage.Id, streams);
            foreach (string path in named)
            {
                SealedFileHeader header = ReadHeader(path);
                using SealedFileOpener opener = Whole(SealedFileOpener.OpenAsOwner(path, owner, header));
                Schema schema = Whole(ColumnCodec.ReadTypes(opener.Contents.ColumnNames, opener.Contents.Schema.Span));
                Whole(StoredColumns.Find(path, schema, stage.Source.Schema));
                streams.Add(new SealedStream(header.Stream, KeySchedule.FileKey(owner, header.Stream)));
                _paths.Add((header.Stream, path));
                binding.AppendData(header.Bytes.Span);
            }

            paths.Add((stage.Id, [.. named.Select(Path.GetFullPath)]));
        }

        InputPaths = paths.ToImmutable();
        Binding = binding.GetHashAndReset();
    }

    private void OpenOutput(Secret owner, OwnerRunOptions options)
    {
        if (SinkStage() is not { } stage)
        {
            return;
        }

        string path = options.Output ?? throw new JobFailedException("the job writes a sealed result, and no file is named for it");
        if (options.Resume)
        {
            string existing = File.Exists(path + FileSinkSpec.PartialSuffix) ? path + FileSinkSpec.PartialSuffix : path;
            SealedFileHeader begun = File.Exists(existing)
                ? ReadHeader(existing)
                : throw new JobFailedException($"cannot resume: there is neither {path}{FileSinkSpec.PartialSuffix} nor {path}");
            using SealedFileOpener opener = Whole(SealedFileOpener.OpenAsOwner(existing, owner, begun));
            Output = new SealedStream(begun.Stream, KeySchedule.FileKey(owner, begun.Stream), begun.Bytes);
            return;
        }

        StreamId id = SealedFileHeader.NewStream(options.Entropy);
        Secret key = KeySchedule.FileKey(owner, id);
        Schema schema = stage.Operators.First(o => o.Node is SinkNode).Node.Schema;
        SealedFileContents contents = new(
            SealedFileKind.Result, _plan.JobName, [.. schema.Fields.Select(f => f.Name)], ColumnCodec.WriteTypes(schema));
        SealedFileHeader header = SealedFileHeader.Seal(key, id, KeySchedule.KeyId(owner), stage.PartitionCount, contents, options.Entropy);
        Output = new SealedStream(id, key, header.Bytes);
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
