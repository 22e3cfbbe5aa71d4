using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>
/// What is known of an upload that is not complete: the value's id and key, and of each chunk, before any of it leaves, the digests of
/// its blocks. Whoever resumes codes the chunks again and compares: only identical ciphertext is ever sent under the key
/// again; a chunk that differs ends the upload, and a new key begins another.
/// </summary>
internal sealed class UploadJournal
{
    private const int DigestsMax = UnitLimits.CloudsMax;

    private const int HeadBytes = 1 + sizeof(long);

    private readonly StoreContext _context;
    private readonly string _folder;
    private readonly SortedDictionary<int, (ContentDigest[] Digests, bool IsStored)> _chunks;

    private UploadJournal(StoreContext context, string folder, ValueId value, byte[] keyBytes, SortedDictionary<int, (ContentDigest[], bool)> chunks) =>
        (_context, _folder, Value, KeyBytes, _chunks) = (context, folder, value, keyBytes, chunks);

    internal ValueId Value { get; }

    /// <summary>The value's key, and the shares' coefficients follow from nothing else: see <see cref="ValueKey"/>.</summary>
    internal byte[] KeyBytes { get; }

    /// <summary>Whether anything was begun.</summary>
    internal bool HasChunks => _chunks.Count > 0;

    /// <summary>Begins one for a new value.</summary>
    internal static async ValueTask<UploadJournal> BeginAsync(
        StoreContext context, UnitName unit, string settings, ValueId value, ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        IBlobs blobs = context.State.Pending;
        string folder = Folder(unit);
        await DeleteAsync(blobs, folder, cancellationToken).ConfigureAwait(false);
        ArrayBufferWriter<byte> head = new();
        head.Text(settings);
        head.UInt128(value.Value);
        head.Write(key.Span);
        await blobs.PutAsync($"{folder}head", head.WrittenMemory, cancellationToken).ConfigureAwait(false);
        return new UploadJournal(context, folder, value, key.ToArray(), []);
    }

    /// <summary>
    /// The one that an upload with the same settings left; null when there is none, it does not open, or it stood still for so long that
    /// what was sent may have been removed as given up (<see cref="UploadPace"/>).
    /// </summary>
    internal static async ValueTask<UploadJournal?> FindAsync(StoreContext context, UnitName unit, string settings, int keyBytes, CancellationToken cancellationToken)
    {
        IBlobs blobs = context.State.Pending;
        long since = context.NowMs - (long)UploadPace.PauseMax(context.Options).TotalMilliseconds;
        bool isRecent = false;
        string folder = Folder(unit);
        try
        {
            byte[]? head = await ClientState.ReadAsync(blobs, $"{folder}head", cancellationToken).ConfigureAwait(false);
            if (head is null || ReadHead(head, settings, keyBytes) is not { } begun)
            {
                return null;
            }

            SortedDictionary<int, (ContentDigest[], bool)> chunks = [];
            foreach (string name in await blobs.ListAsync($"{folder}chunk-", cancellationToken).ConfigureAwait(false))
            {
                byte[]? bytes = await ClientState.ReadAsync(blobs, name, cancellationToken).ConfigureAwait(false);
                if (bytes is null || bytes.Length < HeadBytes || (bytes.Length - HeadBytes) % ContentDigest.SizeBytes != 0
                    || bytes.Length > (DigestsMax * ContentDigest.SizeBytes) + HeadBytes
                    || !int.TryParse(name.AsSpan(folder.Length + 6), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int chunk))
                {
                    return null;
                }

                chunks[chunk] = (ReadDigests(bytes), bytes[0] == 1);
                isRecent |= BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(1)) >= since;
            }

            return isRecent ? new UploadJournal(context, folder, begun.Value, begun.Key, chunks) : null;
        }
        catch (InvalidDataException)
        {
            // Written with other keys, or damaged: what it was about is begun anew.
            return null;
        }
    }

    /// <summary>What was noted of a chunk; null when it was not begun.</summary>
    internal (ContentDigest[] Digests, bool IsStored)? Find(int chunk) => _chunks.TryGetValue(chunk, out (ContentDigest[], bool) noted) ? noted : null;

    /// <summary>Notes a chunk, before it is sent, and again when n - f clouds have it.</summary>
    internal async ValueTask NoteAsync(int chunk, IReadOnlyList<ContentDigest> digests, bool isStored, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> bytes = new();
        bytes.Byte(isStored ? (byte)1 : (byte)0);
        bytes.Int64(_context.NowMs);
        foreach (ContentDigest digest in digests)
        {
            digest.WriteTo(bytes);
        }

        await _context.State.Pending.PutAsync(string.Create(CultureInfo.InvariantCulture, $"{_folder}chunk-{chunk:x8}"), bytes.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The upload is complete, or given up.</summary>
    internal ValueTask EndAsync(CancellationToken cancellationToken) => DeleteAsync(_context.State.Pending, _folder, cancellationToken);

    private static string Folder(UnitName unit) => $"pending/{unit.Encoded}/";

    private static async ValueTask DeleteAsync(IBlobs blobs, string folder, CancellationToken cancellationToken)
    {
        // The head goes first: without it chunks are not looked at.
        await blobs.DeleteAsync($"{folder}head", cancellationToken).ConfigureAwait(false);
        foreach (string name in await blobs.ListAsync(folder, cancellationToken).ConfigureAwait(false))
        {
            await blobs.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
        }
    }

    private static (ValueId Value, byte[] Key)? ReadHead(ReadOnlySpan<byte> bytes, string settings, int keyBytes)
    {
        FieldReader reader = new(bytes);
        string of = reader.Text(1024);
        ValueId value = new(reader.UInt128());
        byte[] key = reader.Take(keyBytes).ToArray();
        return reader.IsCut || reader.Left > 0 || of != settings ? null : (value, key);
    }

    private static ContentDigest[] ReadDigests(ReadOnlySpan<byte> bytes)
    {
        FieldReader reader = new(bytes[HeadBytes..]);
        ContentDigest[] digests = new ContentDigest[(bytes.Length - HeadBytes) / ContentDigest.SizeBytes];
        for (int i = 0; i < digests.Length; i++)
        {
            digests[i] = ContentDigest.ReadFrom(ref reader);
        }

        return digests;
    }
}
