using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Culvert.Cli.Jobs;
using Culvert.Cli.Output;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Sealed;

/// <summary>Reads CSV as <c>run</c> reads it, and seals its rows in their order.</summary>
internal sealed class FileSealing(SealRequest request)
{
    /// <summary>Batches between the thread that reads and the one that seals: enough that neither waits for the other's hiccups.</summary>
    private const int BatchesAhead = 8;

    /// <summary>
    /// What says that there is no value, where nobody says otherwise: as the tools that wrote most files have it. In columns of
    /// text these may be words, and only the empty field counts.
    /// </summary>
    private static readonly ImmutableArray<string> s_missing = ["", "NA", "N/A", "\\N", "NULL", "null"];

    /// <summary>Seals, and returns the exit code; failures throw.</summary>
    internal int Run()
    {
        using Interruption interruption = new();
        using CancellationTokenSource cancellation = new();
        request.Check();
        using Secret owner = request.Key.Open();
        using CsvSource source = OpenSource();
        interruption.StopBy(cancellation.Cancel);
        try
        {
            if (request.Output == "-")
            {
                Seal(source, owner, DescriptorStream.StandardOutput, cancellation);
                return ExitCode.Success;
            }

            using OutputFile file = new(request.Output);
            string told = "";
            file.Write(stream => told = Seal(source, owner, stream, cancellation));
            file.Complete();
            Tell(told);
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            return interruption.Code;
        }
    }

    private string Seal(CsvSource source, Secret owner, Stream output, CancellationTokenSource cancellation)
    {
        StreamId stream = SealedFileHeader.NewStream(MachineEntropy.Instance);
        using Secret key = KeySchedule.FileKey(owner, stream);
        string description = string.Join(", ", request.Inputs.Select(i => i == "-" ? "standard input" : Path.GetFileName(i)));
        SealedFileHeader header = SealedFileHeader.Seal(
            key, stream, KeySchedule.KeyId(owner), 1, SealedRowsWriter.Contents(SealedFileKind.Data, description, source.Schema), MachineEntropy.Instance);
        output.Write(header.Bytes.Span);
        using SealedRowsWriter writer = new(source.Schema, new SealedStrandWriter(key, header, 0, MachineEntropy.Instance), block => output.Write(block.Span));
        using StepProgress progress = new("sealing", source.TotalBytes, request.Quiet);
        Copy(source, writer, progress, cancellation);
        StrandEnd end = writer.End(new SealedCoverage { RowsRead = writer.Strand.RowCount });
        string rows = end.RowCount.ToString("N0", CultureInfo.InvariantCulture);
        return $"{rows} rows of {source.Schema.Count} columns in {Amounts.Seconds(progress.Elapsed)}: stream {stream}, end digest {EndDigest.Of(header, [end])}";
    }

    /// <summary>One thread reads and parses, this one encodes and seals.</summary>
    private static void Copy(CsvSource source, SealedRowsWriter writer, StepProgress progress, CancellationTokenSource cancellation)
    {
        using BlockingCollection<Batch> batches = new(BatchesAhead);
        using ISourcePartition partition = source.Open(new PartitionId(0), default);
        Task reading = Task.Run(() => Read(partition, batches, cancellation.Token));
        try
        {
            foreach (Batch batch in batches.GetConsumingEnumerable())
            {
                using (batch)
                {
                    writer.Append(batch);
                }

                progress.At(partition.Counts.Bytes);
            }
        }
        catch
        {
            cancellation.Cancel();
            foreach (Batch batch in batches.GetConsumingEnumerable())
            {
                batch.Dispose();
            }

            throw;
        }

        reading.GetAwaiter().GetResult();
    }

    private static void Read(ISourcePartition partition, BlockingCollection<Batch> batches, CancellationToken cancellation)
    {
        using ManualResetEventSlim more = new();
        partition.Wake = more.Set;
        try
        {
            while (partition.ReadRound(batch => Hand(batch, batches, cancellation), cancellation) is { Kind: not SourceStepKind.End } step)
            {
                if (step.Kind == SourceStepKind.Wait)
                {
                    more.Wait(step.WaitFor, cancellation);
                    more.Reset();
                }

                cancellation.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            batches.CompleteAdding();
        }
    }

    private static void Hand(Batch batch, BlockingCollection<Batch> batches, CancellationToken cancellation)
    {
        try
        {
            batches.Add(batch, cancellation);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private CsvSource OpenSource()
    {
        try
        {
            CsvSourceSettings settings = request.Job is { } job ? JobSettings(job) : new CsvSourceSettings { Inputs = request.Inputs };
            ImmutableArray<string>? wanted = request.Columns.Length > 0 ? [.. request.Columns] : null;
            settings = settings with
            {
                Inputs = request.Inputs,
                PartitionCount = 1, // rows keep their order
                Follow = false,
                Wanted = wanted,
                SetAsidePath = request.SetAside ?? settings.SetAsidePath,
                Csv = settings.Csv with
                {
                    Types = settings.Csv.Types.SetItems(request.Types),
                    Missing = request.Missing ?? (request.Job is null ? s_missing : settings.Csv.Missing),
                    MissingText = request.Missing is null && request.Job is null ? [""] : null,
                    Malformed = request.Malformed ?? settings.Csv.Malformed,
                },
            };
            CsvSource source = CsvSource.Open(settings);
            string? unknown = request.Types.Keys.FirstOrDefault(name => source.Schema.IndexOf(name) < 0);
            if (source.Schema.Count > 0 && unknown is null)
            {
                return source;
            }

            using (source)
            {
                throw CommandFailedException.Usage(unknown is null
                    ? $"{string.Join(", ", request.Inputs)}: empty, so that its columns are not known; with --job they are the job's"
                    : $"--types names '{unknown}', which is no column that is sealed; the nearest are {string.Join(", ", NearestNames.Find(unknown, source.Schema.Fields.Select(f => f.Name)))}");
            }
        }
        catch (ArgumentException failure)
        {
            throw CommandFailedException.Usage(failure.Message.Split(" (Parameter")[0]);
        }
    }

    /// <summary>How a job's source reads its files.</summary>
    private CsvSourceSettings JobSettings(string path)
    {
        LoadedJob loaded = LoadedJob.Load(new JobRequest(path) { Input = request.Inputs });
        SourceNode[] sources = [.. Sources(loaded.File.Job).Where(s => s.Source is CsvSourceSpec)];
        if (sources.Length != 1)
        {
            throw CommandFailedException.Usage($"{path}: has {(sources.Length == 0 ? "no source" : $"{sources.Length} sources")} of CSV, and --job takes one with exactly one");
        }

        CsvSourceSettings settings = ((CsvSourceSpec)sources[0].Source).Settings;
        IEnumerable<KeyValuePair<string, ColumnType>> types = sources[0].Schema.Fields
            .Where(f => !f.Name.StartsWith('$'))
            .Select(f => KeyValuePair.Create(f.Name, f.Type));
        return settings with { Csv = settings.Csv with { Types = settings.Csv.Types.SetItems(types) } };
    }

    private static HashSet<SourceNode> Sources(Job job)
    {
        HashSet<SourceNode> sources = [];
        HashSet<Node> seen = [];
        Stack<Node> open = new(job.Sinks);
        while (open.TryPop(out Node? node))
        {
            if (seen.Add(node))
            {
                _ = node is SourceNode source && sources.Add(source);
                foreach (Node input in node.Inputs)
                {
                    open.Push(input);
                }
            }
        }

        return sources;
    }

    private void Tell(string what)
    {
        if (!request.Quiet)
        {
            Terminal.Error.WriteLine($"culvert: sealed {what}");
        }
    }
}
