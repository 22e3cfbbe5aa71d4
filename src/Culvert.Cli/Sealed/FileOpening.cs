using System.Globalization;
using Culvert.Cli.Commands;
using Culvert.Cli.Jobs;
using Culvert.Cli.Output;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Sealed;

/// <summary>Opens a sealed file and writes its rows, as <c>run</c> writes a result.</summary>
internal sealed class FileOpening(OpenRequest request)
{
    /// <summary>A result of at most so many rows is printed as one table, sorted; a larger one by row group.</summary>
    private const long TableRowsMax = 1_000_000;

    /// <summary>Opens, and returns the exit code; failures throw.</summary>
    internal int Run()
    {
        using Interruption interruption = new();
        using Secret owner = request.Key.Open();
        using SealedFileReader reader = SealedFiles.Open(request.File, owner);
        CheckExpected(reader);
        if (!reader.IsComplete && !request.Incomplete)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{reader.Incomplete().Message}; --incomplete opens what is there");
        }

        SealedCoverage? coverage = Coverage(reader);
        Schema stored = SealedFiles.Checked(ColumnCodec.ReadTypes(reader.Contents.ColumnNames, reader.Contents.Schema.Span));
        Schema wanted = request.Columns.Length == 0 ? stored : new Schema(request.Columns.Select(name => stored.IndexOf(name) is var at and >= 0
            ? stored[at]
            : throw CommandFailedException.Usage($"{request.File}: has no column '{name}'; the nearest are {string.Join(", ", NearestNames.Find(name, stored.Fields.Select(f => f.Name)))}")));
        StoredColumns columns = SealedFiles.Checked(StoredColumns.Find(request.File, stored, wanted));
        using ResultOutput output = ResultOutput.Choose(request.AsRun());
        using StepProgress progress = new("opening", reader.Index.Length, request.Quiet || request.Output is null);
        long rows = Write(reader, columns, output.Sink!, progress);
        output.Write(reader.Contents.Description, new RunReport(
            true, coverage?.RowsRead ?? rows, 0, 0, coverage?.Elapsed ?? progress.Elapsed, null));
        Terminal.Flush();
        progress.Dispose();
        Tell(reader, rows, coverage);
        return ExitCode.Success;
    }

    private long Write(SealedFileReader reader, StoredColumns columns, SinkSpec sink, StepProgress progress)
    {
        using ISinkWriter writer = ((IOpenableSink)sink).Open(columns.Schema, new PartitionId(0), default);
        bool whole = reader.Contents.Kind == SealedFileKind.Result && reader.RowCount is <= TableRowsMax;
        (long rows, long bytes) = (0, 0);
        Round round = new(0);
        for (int strand = 0; strand < reader.Ends.Length; strand++)
        {
            for (int group = 0; group < reader.Index.Groups(strand).Count; group++)
            {
                using Batch batch = SealedFiles.Checked(SealedGroupRows.Read(request.File, reader, columns, strand, group, ColumnPool.Shared));
                writer.Write(batch, round);
                if (!whole)
                {
                    writer.CloseRound(round, Watermark.None);
                    round = round.Next;
                }

                rows += batch.Count;
                progress.At(bytes += reader.Index.Groups(strand)[group].Length);
            }
        }

        writer.CloseRound(round, Watermark.End);
        writer.Complete();
        return rows;
    }

    private void CheckExpected(SealedFileReader reader)
    {
        if (request.Expect is not { } expected)
        {
            return;
        }

        string wanted = expected.ToLowerInvariant();
        bool isStream = wanted.Length == 32;
        if ((!isStream && wanted.Length != 2 * EndDigest.SizeBytes) || !wanted.All(char.IsAsciiHexDigitLower))
        {
            throw CommandFailedException.Usage($"--expect is a stream id (32 hexadecimal digits) or an end digest (64), and not '{expected}'");
        }

        if (wanted != (isStream ? reader.Index.Header.Stream.ToString() : reader.Digest?.ToString()))
        {
            throw new CommandFailedException(
                ExitCode.Failed, $"{request.File}: is {SealedFiles.Identity(reader)}, and {(isStream ? "stream" : "end digest")} {wanted} was expected: it is another file, or an older one of the same name");
        }
    }

    /// <summary>What the ends say of a result; null for data, and while there are strands without an end.</summary>
    private SealedCoverage? Coverage(SealedFileReader reader)
    {
        if (!reader.IsComplete || reader.Contents.Kind != SealedFileKind.Result)
        {
            return null;
        }

        return SealedCoverage.Merge([.. reader.Ends.Select(e =>
        {
            Outcome<SealedCoverage> read = SealedCoverage.FromBytes(e!.Coverage.Span);
            return read.Succeeded ? read.Value : throw new CommandFailedException(ExitCode.Failed, $"{request.File}: {read.Failure.Message}");
        })]);
    }

    private void Tell(SealedFileReader reader, long rows, SealedCoverage? coverage)
    {
        if (!reader.IsComplete)
        {
            Terminal.Error.WriteLine($"culvert: {reader.Incomplete().Message}");
        }

        if (coverage is { IsComplete: false })
        {
            Terminal.Error.WriteLine($"culvert: {request.File}: not all input was worked off: it covers {(coverage.UpTo.Length > 0 ? coverage.UpTo : "a part of it")}");
        }

        if (request.Quiet)
        {
            return;
        }

        Terminal.Error.WriteLine($"culvert: opened {rows.ToString("N0", CultureInfo.InvariantCulture)} rows of {SealedFiles.Identity(reader)}");
        foreach (SealedInput input in coverage?.Inputs ?? [])
        {
            Terminal.Error.WriteLine($"  computed from stream {input.Stream}, end digest {input.Digest}");
        }
    }
}
