using System.Buffers;
using Culvert.Attestation;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Sealed;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Cli.Commands.Proofs;

/// <summary>A result's file, digested as its proof digests rows.</summary>
internal sealed class ResultReading(string path, string? format, OwnerKeyChoice? key, bool quiet)
{
    internal ResultClaim Read(Proof proof)
    {
        Schema? schema = SchemaOf(proof);
        if (schema is null)
        {
            return Refuse(new Failure(FailureKind.Malformed, "the proof's columns have types that this program does not know"));
        }

        using FileStream file = SealedFiles.OpenStream(path);
        try
        {
            return IsSealed(file) ? key is null ? ReadEnd(file) : ReadSealed(key, proof, schema) : ReadRows(proof, schema, file);
        }
        catch (IOException failure)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{path} cannot be read: {failure.Message}", failure);
        }
    }

    private ResultClaim ReadRows(Proof proof, Schema schema, FileStream file)
    {
        if (key is not null)
        {
            throw CommandFailedException.Usage($"--key is for sealed results, and {path} is none");
        }

        ResultFileFormat form = format switch
        {
            "json" => ResultFileFormat.Json,
            "jsonl" => ResultFileFormat.JsonLines,
            "csv" => ResultFileFormat.Csv,
            "sealed" => throw new CommandFailedException(ExitCode.Failed, $"{path}: this is no sealed file"),
            _ => ResultFile.FormatOf(path) ?? throw CommandFailedException.Usage($"{path}: the name does not tell the result's form; --format json, jsonl, csv or sealed does"),
        };
        if (proof.Salt.IsEmpty)
        {
            return new ResultClaim(path, null, null);
        }

        using ResultDigestBuilder digest = new(proof.Salt.AsSpan());
        using StepProgress progress = new($"reading {path}", file.Length, quiet);
        Outcome<long> read = ResultFile.Read(path, file, form, schema, row =>
        {
            digest.Add(row);
            progress.At(file.Position);
        });
        return read.Failure is { } failure ? Refuse(failure) : new ResultClaim(path, digest.Digest, null);
    }

    /// <summary>Without the key: how the file says that it ends.</summary>
    private ResultClaim ReadEnd(FileStream file)
    {
        RefuseAnotherFormat();
        Outcome<SealedFileIndex> index = SealedFileIndex.Read(path, file);
        Outcome<EndDigest> end = index.Succeeded ? index.Value.ReadDigest(path, file) : index.Failure;
        return end.Failure is { } failure ? Refuse(failure) : new ResultClaim(path, null, end.Value) { IsUnopened = true };
    }

    private void RefuseAnotherFormat()
    {
        if (format is not (null or "sealed"))
        {
            throw CommandFailedException.Usage($"{path} is a sealed file, and not {format}");
        }
    }

    private ResultClaim ReadSealed(OwnerKeyChoice opens, Proof proof, Schema schema)
    {
        RefuseAnotherFormat();
        using Secret owner = opens.Open();
        using SealedFileReader reader = SealedFiles.Open(path, owner);
        if (!reader.IsComplete)
        {
            return Refuse(reader.Incomplete());
        }

        Outcome<Schema> stored = ColumnCodec.ReadTypes(reader.Contents.ColumnNames, reader.Contents.Schema.Span);
        if (!stored.Succeeded || !stored.Value.Equals(schema))
        {
            return Refuse(stored.Failure ?? new Failure(FailureKind.Mismatch, $"{path} has other columns than the result: {stored.Value}, and not {schema}"));
        }

        // Reading every column of every row group authenticates all of the file.
        using ResultDigestBuilder? digest = proof.Salt.IsEmpty ? null : new ResultDigestBuilder(proof.Salt.AsSpan());
        return ReadGroups(reader, StoredColumns.Find(path, schema, schema).Value, digest) is { } failure
            ? Refuse(failure)
            : new ResultClaim(path, digest?.Digest, reader.Digest);
    }

    private Failure? ReadGroups(SealedFileReader reader, StoredColumns columns, ResultDigestBuilder? digest)
    {
        ArrayBufferWriter<byte> row = new();
        using StepProgress progress = new($"reading {path}", reader.Index.Length, quiet);
        long bytes = 0;
        for (int strand = 0; strand < reader.Ends.Length; strand++)
        {
            for (int group = 0; group < reader.Index.Groups(strand).Count; group++)
            {
                Outcome<Batch> read = SealedGroupRows.Read(path, reader, columns, strand, group, ColumnPool.Shared);
                if (read.Failure is { } failure)
                {
                    return failure;
                }

                using Batch batch = read.Value;
                for (int r = 0; r < batch.Count && digest is not null; r++)
                {
                    row.ResetWrittenCount();
                    BatchRows.Write(batch, r, row);
                    digest.Add(row.WrittenSpan);
                }

                progress.At(bytes += reader.Index.Groups(strand)[group].Length);
            }
        }

        return null;
    }

    private bool IsSealed(FileStream file)
    {
        Span<byte> beginning = stackalloc byte[8];
        int read = file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return SealedFileHeader.Begins(beginning[..read]);
    }

    private static Schema? SchemaOf(Proof proof)
    {
        List<Field> fields = [];
        foreach (ResultColumn column in proof.Columns)
        {
            if (!ColumnType.TryParse(column.Type, out ColumnType type) || type.ToString() != column.Type || fields.Exists(f => f.Name == column.Name))
            {
                return null;
            }

            fields.Add(new Field(column.Name, type));
        }

        return new Schema(fields);
    }

    private ResultClaim Refuse(Failure failure) => new(path, null, null, failure);
}
