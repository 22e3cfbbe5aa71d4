using System.Buffers;
using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>How a value lies on the clouds.</summary>
public enum UnitProtocol
{
    /// <summary>A copy in the clear on each cloud (DepSky-A).</summary>
    Replicated = 1,

    /// <summary>Encrypted, and erasure-coded with k = f + 1 (DepSky-CA).</summary>
    Sealed = 2,
}

/// <summary>Who can have a value's key.</summary>
public enum UnitKeyMode
{
    /// <summary>There is none: protocol <see cref="UnitProtocol.Replicated"/>.</summary>
    None,

    /// <summary>Shares of it lie on the clouds: whoever may read f + 1 of them (DepSky-CA, as published).</summary>
    Shared,

    /// <summary>It is wrapped for each reader.</summary>
    Sealed,
}

/// <summary>A value's key, wrapped for one reader by HPKE.</summary>
/// <param name="Reader">First 16 bytes of the digest of the reader's public key.</param>
/// <param name="Message">Encapsulation, ciphertext, tag: <see cref="SizeBytes"/> bytes.</param>
public sealed record WrappedKey(UInt128 Reader, ReadOnlyMemory<byte> Message)
{
    /// <summary>Bytes of the message.</summary>
    public const int SizeBytes = Secret.KeyBytes + Hpke.OverheadBytes;
}

/// <summary>
/// What is needed to read a value (docs/specs/unit.md, Descriptor). Immutable, canonical. It is not signed itself: a record
/// names it by its digest.
/// </summary>
public sealed class ValueDescriptor
{
    private const string What = "value descriptor";
    private const int WrapBytes = 16 + WrappedKey.SizeBytes;

    /// <summary>How the value lies on the clouds.</summary>
    public required UnitProtocol Protocol { get; init; }

    /// <summary>Who can have its key.</summary>
    public required UnitKeyMode KeyMode { get; init; }

    /// <summary>How many clouds had a block.</summary>
    public required int Clouds { get; init; }

    /// <summary>k: how many blocks give a chunk.</summary>
    public required int BlocksNeeded { get; init; }

    /// <summary>The value's id.</summary>
    public required ValueId Value { get; init; }

    /// <summary>Length of the value.</summary>
    public required long ValueBytes { get; init; }

    /// <summary>Length of all chunks but the last.</summary>
    public required int ChunkBytes { get; init; }

    /// <summary>The index of block digests, when it is inside.</summary>
    public BlockIndex? Index { get; init; }

    /// <summary>The digest of the index object, when it is not.</summary>
    public ContentDigest IndexDigest { get; init; }

    /// <summary>Mode <see cref="UnitKeyMode.Shared"/>: the commitment to each slot's share.</summary>
    public IReadOnlyList<ContentDigest> Commitments { get; init; } = [];

    /// <summary>Mode <see cref="UnitKeyMode.Sealed"/>: the key for each reader.</summary>
    public IReadOnlyList<WrappedKey> Wraps { get; init; } = [];

    /// <summary>Its digest.</summary>
    public ContentDigest Digest { get; private set; }

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>How many chunks there are: 1 for an empty value.</summary>
    public int Chunks => (int)ChunksOf(ValueBytes, ChunkBytes);

    internal static long ChunksOf(long bytes, int chunkBytes) => bytes == 0 ? 1 : ((bytes - 1) / chunkBytes) + 1;

    /// <summary>Length of a chunk's plaintext.</summary>
    internal int PlainBytes(int chunk) => (int)Math.Min(ChunkBytes, ValueBytes - ((long)chunk * ChunkBytes));

    /// <summary>What is cut into blocks: the sealed chunk, or the chunk.</summary>
    internal int CodedBytes(int chunk) => PlainBytes(chunk) + (Protocol == UnitProtocol.Sealed ? ChunkCipher.TagBytes : 0);

    /// <summary>Whether a chunk's block objects hold shares.</summary>
    internal bool HasShare(int chunk) => chunk == 0 && KeyMode == UnitKeyMode.Shared;

    /// <summary>Bytes before the block in a chunk's block objects.</summary>
    internal int ShareBytes(int chunk) => HasShare(chunk) ? Secret.KeyBytes : 0;

    /// <summary>Length of a chunk's block objects.</summary>
    internal int BlockObjectBytes(int chunk) => ShareBytes(chunk) + BlockObject.BlockBytes(CodedBytes(chunk), BlocksNeeded);

    /// <summary>The same value's, with its key wrapped for others.</summary>
    internal ValueDescriptor With(IReadOnlyList<WrappedKey> wraps) => new ValueDescriptor
    {
        Protocol = Protocol,
        KeyMode = KeyMode,
        Clouds = Clouds,
        BlocksNeeded = BlocksNeeded,
        Value = Value,
        ValueBytes = ValueBytes,
        ChunkBytes = ChunkBytes,
        Index = Index,
        IndexDigest = IndexDigest,
        Commitments = Commitments,
        Wraps = wraps,
    }.Freeze();

    /// <summary>Fills in bytes and digest.</summary>
    /// <exception cref="ArgumentException">It breaks a rule that a reader checks.</exception>
    internal ValueDescriptor Freeze()
    {
        ArrayBufferWriter<byte> bytes = new();
        bytes.Byte((byte)Protocol);
        bytes.Byte((byte)KeyMode);
        bytes.Byte((byte)Clouds);
        bytes.Byte((byte)BlocksNeeded);
        bytes.UInt128(Value.Value);
        bytes.Int64(ValueBytes);
        bytes.Int32(ChunkBytes);
        bytes.Int32(Chunks);
        bytes.Int32(Index is null ? 1 : 0);
        if (Index is null)
        {
            IndexDigest.WriteTo(bytes);
        }
        else
        {
            bytes.Write(Index.Bytes.Span);
        }

        foreach (ContentDigest commitment in Commitments)
        {
            commitment.WriteTo(bytes);
        }

        if (KeyMode == UnitKeyMode.Sealed)
        {
            bytes.Int32(Wraps.Count);
            foreach (WrappedKey wrap in Wraps.OrderBy(wrap => wrap.Reader))
            {
                bytes.UInt128(wrap.Reader);
                bytes.Write(wrap.Message.Span);
            }
        }

        Outcome<ValueDescriptor> read = TryRead(bytes.WrittenMemory);
        return read.Succeeded ? read.Value : throw new ArgumentException(read.Failure.Message);
    }

    /// <summary>Reads a descriptor whose digest may still have to be compared.</summary>
    internal static Outcome<ValueDescriptor> TryRead(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > UnitLimits.DescriptorBytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"{What}: {bytes.Length} bytes, and at most {UnitLimits.DescriptorBytesMax} are allowed");
        }

        FieldReader reader = new(bytes.Span);
        (UnitProtocol protocol, UnitKeyMode mode) = ((UnitProtocol)reader.Byte(), (UnitKeyMode)reader.Byte());
        (int clouds, int needed) = (reader.Byte(), reader.Byte());
        ValueId value = new(reader.UInt128());
        (long length, int chunkBytes, int chunks) = (reader.Int64(), reader.Int32(), reader.Int32());
        int indexPlace = reader.Int32();
        bool isSealed = protocol == UnitProtocol.Sealed;
        if (reader.IsCut || protocol is not (UnitProtocol.Replicated or UnitProtocol.Sealed)
            || (isSealed ? mode is not (UnitKeyMode.Shared or UnitKeyMode.Sealed) : mode != UnitKeyMode.None)
            || clouds is < 1 or > UnitLimits.CloudsMax || clouds % 3 != 1 || needed != (isSealed ? ((clouds - 1) / 3) + 1 : 1)
            || length < 0 || chunkBytes is < UnitLimits.ChunkBytesMin or > UnitLimits.ChunkBytesMax
            || chunks != ChunksOf(length, chunkBytes) || indexPlace is not (0 or 1)
            || (long)chunks * clouds * ContentDigest.SizeBytes > (indexPlace == 0 ? UnitLimits.IndexInsideBytesMax : UnitLimits.IndexBytesMax))
        {
            return SignedObject.Malformed(What, "it is cut, or a field is out of range");
        }

        ReadOnlySpan<byte> index = reader.Take(indexPlace == 0 ? chunks * clouds * ContentDigest.SizeBytes : ContentDigest.SizeBytes);
        List<ContentDigest> commitments = [];
        List<WrappedKey> wraps = [];
        bool isSound = mode switch
        {
            UnitKeyMode.Shared => ReadCommitments(ref reader, clouds, commitments),
            UnitKeyMode.Sealed => ReadWraps(ref reader, wraps),
            _ => true,
        };
        if (!isSound || reader.IsCut || reader.Left > 0)
        {
            return SignedObject.Malformed(What, "its lists are not in order, or its length is not that of its fields");
        }

        return new ValueDescriptor
        {
            Protocol = protocol,
            KeyMode = mode,
            Clouds = clouds,
            BlocksNeeded = needed,
            Value = value,
            ValueBytes = length,
            ChunkBytes = chunkBytes,
            Index = indexPlace == 0 ? new BlockIndex(index.ToArray(), clouds) : null,
            IndexDigest = indexPlace == 0 ? default : ContentDigest.FromBytes(index),
            Commitments = commitments,
            Wraps = wraps,
            Digest = ContentDigest.Of(bytes.Span),
            Bytes = bytes.ToArray(),
        };
    }

    private static bool ReadCommitments(ref FieldReader reader, int clouds, List<ContentDigest> commitments)
    {
        for (int slot = 0; slot < clouds; slot++)
        {
            commitments.Add(ContentDigest.ReadFrom(ref reader));
        }

        return true;
    }

    private static bool ReadWraps(ref FieldReader reader, List<WrappedKey> wraps)
    {
        int count = reader.Int32();
        if (count is < 1 or > UnitLimits.ReadersMax || (long)count * WrapBytes > reader.Left)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            WrappedKey wrap = new(reader.UInt128(), reader.Take(WrappedKey.SizeBytes).ToArray());
            if (i > 0 && wrap.Reader <= wraps[^1].Reader)
            {
                return false;
            }

            wraps.Add(wrap);
        }

        return true;
    }
}
