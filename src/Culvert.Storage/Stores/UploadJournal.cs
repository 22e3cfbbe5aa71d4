using System.Buffers;
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

    private readonly IBlobs _blobs;
    private readonly string _folder;
    private readonly SortedDictionary<int, (ContentDigest[] Digests, bool IsStored)> _chunks;

    private UploadJournal(IBlobs blobs, string folder, ValueId value, byte[] keyBytes, SortedDictionary<int, (ContentDigest[], bool)> chunks) =>
        (_blobs, _folder, Value, KeyBytes, _chunks) = (blobs, folder, value, keyBytes, chunks);

    internal ValueId Value { get; }

    /// <summary>The value's key, and the shares' coefficients follow from nothing else: see <see cref="ValueKey"/>.</summary>
    internal byte[] KeyBytes { get; }

    /// <summary>Whether anything was begun.</summary>
    internal bool HasChunks => _chunks.Count > 0;

    /// <summary>Begins one for a new value.</summary>
    internal static async ValueTask<UploadJournal> BeginAsync(
        IBlobs blobs, UnitName unit, string settings, ValueId value, ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        string folder = Folder(unit);
        await DeleteAsync(blobs, folder, cancellationToken).ConfigureAwait(false);
        ArrayBufferWriter<byte> head = new();
        head.Text(settings);
        head.UInt128(value.Value);
        head.Write(key.Span);
        await blobs.PutAsync($"{folder}head", head.WrittenMemory, cancellationToken).ConfigureAwait(false);
        return new UploadJournal(blobs, folder, value, key.ToArray(), []);
    }

    /// <summary>The one that an upload with the same settings left; null when there is none, or it does not open.</summary>
    internal static async ValueTask<UploadJournal?> FindAsync(IBlobs blobs, UnitName unit, string settings, int keyBytes, CancellationToken cancellationToken)
    {
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
                if (bytes is null || (bytes.Length - 1) % ContentDigest.SizeBytes != 0 || bytes.Length > (DigestsMax * ContentDigest.SizeBytes) + 1
                    || !int.TryParse(name.AsSpan(folder.Length + 6), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int chunk))
                {
                    return null;
                }

                chunks[chunk] = (ReadDigests(bytes), bytes[0] == 1);
            }

            return new UploadJournal(blobs, folder, begun.Value, begun.Key, chunks);
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
        foreach (ContentDigest digest in digests)
        {
            digest.WriteTo(bytes);
        }

        await _blobs.PutAsync(string.Create(CultureInfo.InvariantCulture, $"{_folder}chunk-{chunk:x8}"), bytes.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The upload is complete, or given up.</summary>
    internal ValueTask EndAsync(CancellationToken cancellationToken) => DeleteAsync(_blobs, _folder, cancellationToken);

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
        FieldReader reader = new(bytes[1..]);
        ContentDigest[] digests = new ContentDigest[(bytes.Length - 1) / ContentDigest.SizeBytes];
        for (int i = 0; i < digests.Length; i++)
        {
            digests[i] = ContentDigest.ReadFrom(ref reader);
        }

        return digests;
    }
}
