using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>
/// The trusted side of reading a sealed file: bytes in, checked bytes out, no I/O. The host that hands over the blocks is not
/// trusted: every byte of what is opened is authenticated, and that it belongs where it was asked for. Not thread safe;
/// <see cref="Fork"/> makes one for another thread.
/// </summary>
public sealed class SealedFileOpener : IDisposable
{
    private readonly string _file;
    private readonly Secret _fileKey;
    private readonly InstanceCipher?[] _ciphers;

    private SealedFileOpener(string file, Secret fileKey, SealedFileHeader header, SealedFileContents contents)
    {
        (_file, _fileKey, Header, Contents) = (file, fileKey, header, contents);
        _ciphers = new InstanceCipher?[header.StrandCount];
    }

    /// <summary>The header, authenticated.</summary>
    public SealedFileHeader Header { get; }

    /// <summary>What the header's sealed part says.</summary>
    public SealedFileContents Contents { get; }

    /// <summary>Opens a file's header with the owner's secret; another owner's file is a mismatch that says so.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="owner">The owner's secret; only used here.</param>
    /// <param name="header">The header as the host read it.</param>
    public static Outcome<SealedFileOpener> OpenAsOwner(string file, Secret owner, SealedFileHeader header)
    {
        OwnerKeyId own = KeySchedule.KeyId(owner);
        if (header.OwnerKey != own)
        {
            return new Failure(FailureKind.Mismatch, $"{file}: was sealed with another key: the key with id {header.OwnerKey} opens it, and this one is {own}");
        }

        using Secret fileKey = KeySchedule.FileKey(owner, header.Stream);
        return Open(file, fileKey, header);
    }

    /// <summary>Opens a file's header with the file's key, which is copied.</summary>
    public static Outcome<SealedFileOpener> Open(string file, Secret fileKey, SealedFileHeader header)
    {
        byte[] plain = new byte[header.Sealed.Length];
        using InstanceCipher cipher = InstanceCipher.ForHeader(fileKey, header.Salt);
        if (!cipher.TryOpen(0, 0, header.Sealed, header.Tag, plain, header.Additional))
        {
            return new Failure(FailureKind.Integrity, $"{file}: the header was altered, or is not this file's");
        }

        SealedFileContents? contents = SealedFileContents.Read(plain, header.ColumnCount);
        CryptographicOperations.ZeroMemory(plain);
        return contents is null
            ? new Failure(FailureKind.Malformed, $"{file}: the header's sealed part cannot be read: another version of this program wrote it")
            : new SealedFileOpener(file, Secret.CopyOf(fileKey.Bytes), header, contents);
    }

    /// <summary>Another opener of the same file, for another thread.</summary>
    public SealedFileOpener Fork() => new(_file, Secret.CopyOf(_fileKey.Bytes), Header, Contents);

    /// <summary>Opens a strand's end.</summary>
    /// <param name="strand">The strand asked for.</param>
    /// <param name="block">The whole block.</param>
    public Outcome<StrandEnd> OpenEnd(int strand, ReadOnlySpan<byte> block)
    {
        string place = $"{_file}: strand {strand}, end";
        SealedBlockHeader? read = SealedBlockHeader.Read(Header, block);
        if (read is not { Kind: SealedBlockKind.End } header || header.HeadBytes != block.Length)
        {
            return Altered(place, "is no end, or is cut");
        }

        if (header.Strand != strand)
        {
            return Altered(place, $"is the end of strand {header.Strand}");
        }

        UInt128 tag = TagOf(header, block);
        byte[] plain = new byte[header.SealedBytes];
        return !OpenHead(header, InstanceCipher.EndNumber, block, tag, plain) ? Altered(place, "was altered, or belongs to another file")
            : StrandEnd.Read(strand, header.Group, tag, plain) is { } end ? end
            : new Failure(FailureKind.Malformed, $"{place} cannot be read: another version of this program wrote it");
    }

    /// <summary>Opens a row group's directory and checks that it is the one that the strand's end names.</summary>
    /// <param name="end">The strand's end.</param>
    /// <param name="group">The group asked for, below the end's count.</param>
    /// <param name="head">The block up to its first column: <see cref="SealedBlockHeader.HeadBytes"/>.</param>
    public Outcome<OpenedGroup> OpenGroup(StrandEnd end, int group, ReadOnlySpan<byte> head)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)group, (uint)end.GroupCount, nameof(group));
        Outcome<OpenedGroup> opened = OpenDirectory(end.Strand, group, head, end.GroupTag(group));
        return opened.Succeeded && opened.Value.Rows != end.GroupRows(group)
            ? Altered(Place(end.Strand, group), $"has {opened.Value.Rows} rows, and the end says {end.GroupRows(group)}")
            : opened;
    }

    /// <summary>
    /// Opens a row group's directory where the strand has no end yet: it must follow <paramref name="before"/>, the group opened
    /// before it, or be group 0 when that is null. Says nothing about what comes after.
    /// </summary>
    public Outcome<OpenedGroup> OpenNextGroup(int strand, OpenedGroup? before, ReadOnlySpan<byte> head)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)strand, (uint)Header.StrandCount, nameof(strand));
        Invariant.Holds(before is null || before.Strand == strand);
        int group = before is null ? 0 : before.Group + 1;
        Outcome<OpenedGroup> opened = OpenDirectory(strand, group, head, expected: null);
        return opened.Succeeded && opened.Value.TagBefore != (before?.Tag ?? UInt128.Zero)
            ? Altered(Place(strand, group), "follows another row group than the one before it")
            : opened;
    }

    /// <summary>Opens a column of a row group into <paramref name="plain"/>, which has exactly its length; null when all is well. On a failure nothing of the column is left there.</summary>
    /// <param name="group">The group, from this opener.</param>
    /// <param name="column">Index of the column.</param>
    /// <param name="cipher">The sealed column as the host read it.</param>
    /// <param name="plain">Where it goes.</param>
    public Failure? OpenColumn(OpenedGroup group, int column, ReadOnlySpan<byte> cipher, Span<byte> plain)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(plain.Length, group.ColumnBytes(column), nameof(plain));
        return cipher.Length == plain.Length
            && CipherOf(group.Strand, group.Salt).TryOpen(group.Group, InstanceCipher.FirstColumnNumber + (uint)column, cipher, group.ColumnTag(column), plain)
            ? null
            : Altered($"{Place(group.Strand, group.Group)}, column '{Contents.ColumnNames[column]}'", "was altered, cut, or put in the place of another");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _fileKey.Dispose();
        foreach (InstanceCipher? cipher in _ciphers)
        {
            cipher?.Dispose();
        }
    }

    private Outcome<OpenedGroup> OpenDirectory(int strand, int group, ReadOnlySpan<byte> head, UInt128? expected)
    {
        SealedBlockHeader? read = SealedBlockHeader.Read(Header, head);
        if (read is not { Kind: SealedBlockKind.Group } header || header.HeadBytes != head.Length || header.ColumnsBytes(head) < 0)
        {
            return Altered(Place(strand, group), "is no row group, or is cut");
        }

        if (header.Strand != strand || header.Group != group)
        {
            return Altered(Place(strand, group), $"is row group {header.Group} of strand {header.Strand}");
        }

        UInt128 tag = TagOf(header, head);
        if (expected is { } pinned && pinned != tag)
        {
            return Altered(Place(strand, group), "is not the one that the end of the strand names: it was altered or replaced");
        }

        byte[] plain = new byte[header.SealedBytes];
        return !OpenHead(header, InstanceCipher.DirectoryNumber, head, tag, plain) ? Altered(Place(strand, group), "was altered, or belongs to another file")
            : OpenedGroup.Read(header, head, tag, plain) is { } opened ? opened
            : new Failure(FailureKind.Malformed, $"{Place(strand, group)}: the directory cannot be read: another version of this program wrote it");
    }

    private bool OpenHead(in SealedBlockHeader header, uint number, ReadOnlySpan<byte> head, UInt128 tag, byte[] plain) =>
        CipherOf(header.Strand, header.Salt).TryOpen(
            header.Group, number, head.Slice(header.HeaderBytes, header.SealedBytes), tag, plain, head[..header.HeaderBytes]);

    private static UInt128 TagOf(in SealedBlockHeader header, ReadOnlySpan<byte> head) =>
        BinaryPrimitives.ReadUInt128BigEndian(head[(header.HeaderBytes + header.SealedBytes)..]);

    /// <summary>The cipher of an instance. One is kept a strand: instances change only where a writer was resumed, and a host that makes salts up costs a derivation each and no memory.</summary>
    private InstanceCipher CipherOf(int strand, InstanceSalt salt)
    {
        InstanceCipher? kept = _ciphers[strand];
        if (kept is null || kept.Salt != salt)
        {
            kept?.Dispose();
            kept = _ciphers[strand] = InstanceCipher.ForStrand(_fileKey, salt, strand, Header.Tag);
        }

        return kept;
    }

    private string Place(int strand, int group) => Header.StrandCount == 1 ? $"{_file}: row group {group}" : $"{_file}: strand {strand}, row group {group}";

    private static Failure Altered(string place, string what) => new(FailureKind.Integrity, $"{place} {what}");
}
