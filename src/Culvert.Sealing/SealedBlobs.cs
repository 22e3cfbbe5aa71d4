using System.Security.Cryptography;
using System.Text;

namespace Culvert.Sealing;

/// <summary>
/// A store of blobs that its keeper cannot read, alter or swap: each blob is sealed as a whole under a key of its own, bound to
/// its name and to what the store is for (docs/specs/sealed-blob.md). An older content of the same name passes, as everywhere
/// without an anchor. Reading and writing at once is as safe as in the store beneath.
/// </summary>
/// <param name="inner">Where the sealed bytes go.</param>
/// <param name="keys">The store's keys, at least one: blobs are put under the first, and read under whichever fits. They stay the caller's.</param>
/// <param name="context">What the store is for: the same when a blob is read as when it was put.</param>
/// <param name="entropy">Salts.</param>
public sealed class SealedBlobs(IBlobs inner, IReadOnlyList<Secret> keys, byte[] context, IEntropy entropy) : IBlobs
{
    /// <summary>Bytes that sealing adds: mark, salt and tag.</summary>
    public const int OverheadBytes = MarkBytes + InstanceSalt.SizeBytes + TagBytes;

    private const int MarkBytes = 8;
    private const int TagBytes = 16;
    private const int HeadBytes = MarkBytes + InstanceSalt.SizeBytes;

    // One blob is sealed under each salt's key, so one nonce does for all.
    private static readonly byte[] s_nonce = new byte[12];

    /// <inheritdoc/>
    public ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        byte[] blob = GC.AllocateUninitializedArray<byte>(content.Length + OverheadBytes);
        "CULVBLB1"u8.CopyTo(blob);
        entropy.Fill(blob.AsSpan(MarkBytes, InstanceSalt.SizeBytes));
        using AesGcm cipher = CipherOf(keys[0], blob, name);
        cipher.Encrypt(s_nonce, content.Span, blob.AsSpan(HeadBytes, content.Length), blob.AsSpan(HeadBytes + content.Length), blob.AsSpan(0, HeadBytes));
        return inner.PutAsync(name, blob, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken) =>
        await inner.LengthAsync(name, cancellationToken).ConfigureAwait(false) is { } length ? Math.Max(0, length - OverheadBytes) : null;

    /// <summary>As the port says; a blob that was altered, or that is another's, throws <see cref="InvalidDataException"/> with its name.</summary>
    public async ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        long? length = await inner.LengthAsync(name, cancellationToken).ConfigureAwait(false);
        if (length is null)
        {
            return 0;
        }

        if (length is < OverheadBytes or > int.MaxValue / 2)
        {
            throw Altered(name);
        }

        byte[] blob = GC.AllocateUninitializedArray<byte>((int)length.Value);
        int read = await inner.ReadAsync(name, 0, blob, cancellationToken).ConfigureAwait(false);
        if (read != blob.Length)
        {
            throw Altered(name);
        }

        byte[] content = GC.AllocateUninitializedArray<byte>(blob.Length - OverheadBytes);
        if (!keys.Any(key => Opens(key, blob, name, content)))
        {
            throw Altered(name);
        }

        ReadOnlySpan<byte> wanted = content.AsSpan((int)Math.Min(offset, content.Length));
        wanted = wanted[..Math.Min(wanted.Length, destination.Length)];
        wanted.CopyTo(destination.Span);
        int count = wanted.Length;
        CryptographicOperations.ZeroMemory(content);
        return count;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => inner.DeleteAsync(name, cancellationToken);

    private bool Opens(Secret key, byte[] blob, string name, byte[] content)
    {
        using AesGcm cipher = CipherOf(key, blob, name);
        try
        {
            cipher.Decrypt(s_nonce, blob.AsSpan(HeadBytes, content.Length), blob.AsSpan(blob.Length - TagBytes), content, blob.AsSpan(0, HeadBytes));
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private AesGcm CipherOf(Secret key, ReadOnlySpan<byte> blob, string name)
    {
        InstanceSalt salt = new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(blob[MarkBytes..]));
        // The context has one length for a store, so it and the name cannot run into each other.
        using Secret blobKey = KeySchedule.InstanceKey(key, salt, [.. context, .. Encoding.UTF8.GetBytes(name)]);
        return new AesGcm(blobKey.Bytes, TagBytes);
    }

    private static InvalidDataException Altered(string name) =>
        new($"{name} was altered, or belongs to another partition, plan or run");
}
