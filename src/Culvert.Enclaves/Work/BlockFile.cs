using System.Collections.Immutable;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>A sealed input behind the boundary: its header and ends, opened and checked, and the columns that the plan reads of it.</summary>
internal sealed class BlockFile : IDisposable
{
    private readonly SealedFileOpener _opener;
    private readonly StoredColumns _columns;

    private BlockFile(string name, SealedFileOpener opener, ImmutableArray<StrandEnd> ends, StoredColumns columns)
    {
        (Name, _opener, Ends, _columns) = (name, opener, ends, columns);
        Columns = [.. Enumerable.Range(0, columns.Schema.Count).Select(columns.IndexOf)];
        Digest = EndDigest.Of(opener.Header, ends);
    }

    /// <summary>What messages call it: its stream, since a file's name is the host's to choose.</summary>
    internal string Name { get; }

    /// <summary>The ends of its strands.</summary>
    internal ImmutableArray<StrandEnd> Ends { get; }

    /// <summary>The file's columns that are asked for.</summary>
    internal ImmutableArray<int> Columns { get; }

    /// <summary>Which content it has.</summary>
    internal EndDigest Digest { get; }

    /// <summary>Asks the host for a file's header and ends, and checks them.</summary>
    internal static BlockFile Open(StageWorker worker, StageId stage, int file, SealedStream input, Schema wanted)
    {
        string name = $"sealed input {input.Id}";
        SealedFileHeader header = Whole(name, "header", worker.AskNow(n => new ReadMessage(n, ReadSubject.Header, "", stage, file, 0, 0, [])), bytes => SealedFileHeader.Read(name, bytes));
        if (header.Stream != input.Id)
        {
            throw new IntegrityException(new Failure(FailureKind.Integrity, $"{name}: the host gives another file, {header.Stream}"));
        }

        SealedFileOpener opener = Checked(SealedFileOpener.Open(name, input.Key, header));
        ImmutableArray<StrandEnd>.Builder ends = ImmutableArray.CreateBuilder<StrandEnd>();
        for (int strand = 0; strand < header.StrandCount; strand++)
        {
            int asked = strand;
            ends.Add(Whole(
                name,
                "end mark",
                worker.AskNow(n => new ReadMessage(n, ReadSubject.End, "", stage, file, asked, 0, [])),
                bytes => opener.OpenEnd(asked, bytes)));
        }

        // Names and types of columns are none of the host's business.
        string forHost = $"{name}: its columns are not those that the plan reads";
        Schema schema = Checked(ColumnCodec.ReadTypes(opener.Contents.ColumnNames, opener.Contents.Schema.Span), forHost);
        return new BlockFile(name, opener, ends.ToImmutable(), Checked(StoredColumns.Find(name, schema, wanted), forHost));
    }

    /// <summary>Opens a row group as the host gave it.</summary>
    internal Batch Open(int strand, int group, Span<byte> block)
    {
        FieldReader reader = new(block);
        ReadOnlySpan<byte> head = reader.Part(block.Length);
        OpenedGroup opened = Checked(_opener.OpenGroup(Ends[strand], group, head));
        Column[] columns = new Column[Columns.Length];
        int done = 0;
        try
        {
            for (; done < columns.Length; done++)
            {
                ReadOnlySpan<byte> cipher = reader.Part(block.Length);
                columns[done] = OpenColumn(opened, done, block.Slice(block.Length - reader.Left - cipher.Length, cipher.Length));
            }

            if (reader.IsCut || reader.Left > 0)
            {
                throw new IntegrityException(new Failure(FailureKind.Integrity, $"{Name}: row group {group} is cut or too long"));
            }

            return new Batch(_columns.Schema, [.. columns], opened.Rows);
        }
        catch
        {
            for (int i = 0; i < done; i++)
            {
                columns[i].Dispose();
            }

            throw;
        }
    }

    public void Dispose() => _opener.Dispose();

    private unsafe Column OpenColumn(OpenedGroup group, int wanted, Span<byte> cipher)
    {
        // The delegate below cannot hold a span; the bytes are pinned while it is used, which is in this call only.
        fixed (byte* pinned = cipher)
        {
            nint at = (nint)pinned;
            int length = cipher.Length;
            int column = Columns[wanted];
            Outcome<Column> decoded = _columns.Decode(
                wanted,
                group.Rows,
                group.Encoding(column),
                group.ColumnBytes(column),
                values => _opener.OpenColumn(group, column, new ReadOnlySpan<byte>((void*)at, length), values),
                ColumnPool.Shared);

            // The file is whole, and the job's types are others: that is for the owner's ears.
            return decoded.Failure is { Kind: FailureKind.Mismatch } other
                ? throw new SourceFailedException($"{Name}: column '{_columns.Schema[wanted].Name}' {other.Message}")
                : Checked(decoded, $"{Name}: row group {group.Group}, column {column + 1} was altered, cut, or put in the place of another");
        }
    }

    private static T Whole<T>(string name, string what, Message? block, Func<ReadOnlySpan<byte>, Outcome<T>> read)
    {
        using (block)
        {
            return block is null
                ? throw new IntegrityException(new Failure(FailureKind.Integrity, $"{name}: the {what} is missing: the file was cut before its end, or the host keeps it back"))
                : Checked(read(StageWorker.BlockOf(block)));
        }
    }

    private static T Checked<T>(Outcome<T> outcome, string? forHost = null) =>
        outcome.Failure is { } failure ? throw new IntegrityException(failure, forHost) : outcome.Value;
}
