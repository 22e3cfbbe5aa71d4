using System.Buffers;
using System.Collections.Immutable;

namespace Culvert.Sealing;

/// <summary>
/// A sealed file in the hands of a key holder who has the file too: index and opener together. Row groups of a strand with
/// an end are read in any order, those of one without in their order only. Not thread safe; <see cref="Fork"/> makes one
/// for another thread. Reading what the operating system refuses throws <see cref="IOException"/>.
/// </summary>
public sealed class SealedFileReader : IDisposable
{
    private readonly string _file;
    private readonly Stream _stream;
    private readonly SealedFileOpener _opener;
    private readonly OpenedGroup?[] _before;
    private byte[] _head = [];

    private SealedFileReader(string file, Stream stream, SealedFileIndex index, SealedFileOpener opener, ImmutableArray<StrandEnd?> ends)
    {
        (_file, _stream, Index, _opener, Ends) = (file, stream, index, opener, ends);
        _before = new OpenedGroup?[ends.Length];
        Digest = IsComplete ? EndDigest.Of(index.Header, [.. ends.Select(e => e!)]) : null;
    }

    /// <summary>What an outsider sees.</summary>
    public SealedFileIndex Index { get; }

    /// <summary>What the header's sealed part says.</summary>
    public SealedFileContents Contents => _opener.Contents;

    /// <summary>The strands' ends; null where there is none yet.</summary>
    public ImmutableArray<StrandEnd?> Ends { get; }

    /// <summary>Whether all strands have ended and nothing was cut.</summary>
    public bool IsComplete => Index.HasAllEnds;

    /// <summary>The name of the file's content; null while it is not complete.</summary>
    public EndDigest? Digest { get; }

    /// <summary>Rows; null while the file is not complete.</summary>
    public long? RowCount => IsComplete ? Ends.Sum(e => e!.RowCount) : null;

    /// <summary>Opens header and ends. An incomplete file opens too: see <see cref="IsComplete"/>.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="stream">The file; can seek; the reader's from here on when it succeeds.</param>
    /// <param name="owner">The owner's secret; only used here.</param>
    public static Outcome<SealedFileReader> Open(string file, Stream stream, Secret owner) =>
        Open(file, stream, header => SealedFileOpener.OpenAsOwner(file, owner, header));

    /// <summary>As <see cref="Open(string, Stream, Secret)"/>, with the file's own key: whose file it is, the header then only says.</summary>
    public static Outcome<SealedFileReader> OpenWithFileKey(string file, Stream stream, Secret fileKey) =>
        Open(file, stream, header => SealedFileOpener.Open(file, fileKey, header));

    private static Outcome<SealedFileReader> Open(string file, Stream stream, Func<SealedFileHeader, Outcome<SealedFileOpener>> open)
    {
        Outcome<SealedFileIndex> index = SealedFileIndex.Read(file, stream);
        if (!index.Succeeded)
        {
            return index.Failure;
        }

        Outcome<SealedFileOpener> opener = open(index.Value.Header);
        if (!opener.Succeeded)
        {
            return opener.Failure;
        }

        ImmutableArray<StrandEnd?>.Builder ends = ImmutableArray.CreateBuilder<StrandEnd?>(index.Value.Header.StrandCount);
        for (int strand = 0; strand < index.Value.Header.StrandCount; strand++)
        {
            if (index.Value.End(strand) is not { } place)
            {
                ends.Add(null);
                continue;
            }

            byte[] block = new byte[place.Length];
            Outcome<StrandEnd> end = Read(stream, place.Offset, block)
                ? opener.Value.OpenEnd(strand, block)
                : CutWhileRead(file);
            if (!end.Succeeded)
            {
                opener.Value.Dispose();
                return end.Failure;
            }

            ends.Add(end.Value);
        }

        return new SealedFileReader(file, stream, index.Value, opener.Value, ends.MoveToImmutable());
    }

    /// <summary>A reader of the same file for another thread, over a stream of its own.</summary>
    public SealedFileReader Fork(Stream stream) => new(_file, stream, Index, _opener.Fork(), Ends);

    /// <summary>What to tell when a whole file is needed and this is none.</summary>
    public Failure Incomplete()
    {
        int ended = Ends.Count(e => e is not null);
        string strands = Ends.Length == 1 ? "" : $" ({ended} of {Ends.Length} strands have ended)";
        return new Failure(FailureKind.Missing, $"{_file}: cut before its end mark{strands}: row groups may be missing behind those that are there");
    }

    /// <summary>Opens a row group's directory.</summary>
    public Outcome<OpenedGroup> OpenGroup(int strand, int group)
    {
        SealedBlockPlace place = Index.Groups(strand)[group];
        int length = place.Header.HeadBytes;
        if (_head.Length < length)
        {
            _head = new byte[length];
        }

        Span<byte> head = _head.AsSpan(0, length);
        if (!Read(_stream, place.Offset, head))
        {
            return CutWhileRead(_file);
        }

        if (Ends[strand] is { } end)
        {
            return _opener.OpenGroup(end, group, head);
        }

        Invariant.Holds(group == (_before[strand]?.Group + 1 ?? 0));
        Outcome<OpenedGroup> opened = _opener.OpenNextGroup(strand, _before[strand], head);
        _before[strand] = opened.Succeeded ? opened.Value : _before[strand];
        return opened;
    }

    /// <summary>Reads and opens a column of the row group that was opened last, into exactly its bytes; null when all is well.</summary>
    public Failure? ReadColumn(OpenedGroup group, int column, Span<byte> plain)
    {
        SealedBlockPlace place = Index.Groups(group.Strand)[group.Group];
        (long offset, _) = SealedBlockPlace.Column(place.Header, _head, column);
        byte[] cipher = ArrayPool<byte>.Shared.Rent(plain.Length);
        try
        {
            return Read(_stream, place.Offset + offset, cipher.AsSpan(0, plain.Length))
                ? _opener.OpenColumn(group, column, cipher.AsSpan(0, plain.Length), plain)
                : CutWhileRead(_file);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(cipher);
        }
    }

    /// <summary>Reads and authenticates everything that is there; null when all is well. A file without its ends fails, after what is there was checked.</summary>
    public Failure? Verify(Action<OpenedGroup>? verified = null)
    {
        byte[] plain = [];
        for (int strand = 0; strand < Ends.Length; strand++)
        {
            for (int g = 0; g < Index.Groups(strand).Count; g++)
            {
                Outcome<OpenedGroup> group = OpenGroup(strand, g);
                if (!group.Succeeded)
                {
                    return group.Failure;
                }

                for (int c = 0; c < Contents.ColumnNames.Length; c++)
                {
                    int length = group.Value.ColumnBytes(c);
                    if (plain.Length < length)
                    {
                        plain = new byte[length];
                    }

                    if (ReadColumn(group.Value, c, plain.AsSpan(0, length)) is { } failure)
                    {
                        return failure;
                    }
                }

                verified?.Invoke(group.Value);
            }
        }

        return IsComplete ? null : Incomplete();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _opener.Dispose();
        _stream.Dispose();
    }

    private static bool Read(Stream stream, long offset, Span<byte> bytes)
    {
        stream.Position = offset;
        return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;
    }

    private static Failure CutWhileRead(string file) => new(FailureKind.Integrity, $"{file}: became shorter while it was read");
}
