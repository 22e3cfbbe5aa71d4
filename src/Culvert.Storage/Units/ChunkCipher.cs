using System.Buffers.Binary;
using System.Security.Cryptography;
using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>Seals and opens a value's chunks under its key (docs/specs/unit.md, Blocks). Not thread safe.</summary>
internal sealed class ChunkCipher(Secret key, ValueId value) : IDisposable
{
    internal const int TagBytes = 16;

    private const int NonceBytes = 12;
    private const int AssociatedBytes = 8 + 16 + 4;

    private readonly AesGcm _cipher = new(key.Bytes, TagBytes);

    private static ReadOnlySpan<byte> Mark => "CULVCHK1"u8;

    /// <summary>Writes ciphertext and tag: <see cref="TagBytes"/> more than the plaintext has.</summary>
    internal void Seal(int chunk, ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Span<byte> associated = stackalloc byte[AssociatedBytes];
        Place(chunk, nonce, associated);
        _cipher.Encrypt(nonce, plaintext, destination[..plaintext.Length], destination.Slice(plaintext.Length, TagBytes), associated);
    }

    /// <summary>Writes the plaintext; false, and nothing of it, when the chunk is not what was sealed.</summary>
    internal bool TryOpen(int chunk, ReadOnlySpan<byte> sealedChunk, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Span<byte> associated = stackalloc byte[AssociatedBytes];
        Place(chunk, nonce, associated);
        try
        {
            _cipher.Decrypt(nonce, sealedChunk[..^TagBytes], sealedChunk[^TagBytes..], destination, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(destination);
            return false;
        }
    }

    public void Dispose() => _cipher.Dispose();

    private void Place(int chunk, Span<byte> nonce, Span<byte> associated)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce, chunk);
        Mark.CopyTo(associated);
        BinaryPrimitives.WriteUInt128BigEndian(associated[8..], value.Value);
        BinaryPrimitives.WriteInt32LittleEndian(associated[24..], chunk);
    }
}
