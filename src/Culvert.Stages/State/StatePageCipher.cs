using System.Buffers.Binary;
using System.Security.Cryptography;
using Culvert.Sealing;

namespace Culvert.Stages;

/// <summary>
/// Seals state pieces with AES-256-GCM (<c>docs/specs/paged-state.md</c>). The nonce is the write's number, which a budget never
/// gives twice; every 2^32 numbers have a key of their own. Used by one thread at a time; several may share the secret.
/// </summary>
internal sealed class StatePageCipher(Secret key) : IDisposable
{
    internal const int TagBytes = 16;

    private const int NonceBytes = 12;
    private const int EraShift = 32;

    private AesGcm? _cipher;
    private ulong _era;

    /// <summary>Seals a piece: as many bytes, then the tag.</summary>
    internal void Seal(ulong number, in StatePieceName name, ReadOnlySpan<byte> plain, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Span<byte> associated = stackalloc byte[StatePieceName.SizeBytes];
        Prepare(number, name, nonce, associated);
        OfEra(number >> EraShift).Encrypt(nonce, plain, destination[..plain.Length], destination.Slice(plain.Length, TagBytes), associated);
    }

    /// <summary>Opens a piece into memory of its length. False, with nothing but zeros there, if it is not the one that was sealed so.</summary>
    internal bool TryOpen(ulong number, in StatePieceName name, ReadOnlySpan<byte> content, Span<byte> plain)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Span<byte> associated = stackalloc byte[StatePieceName.SizeBytes];
        Prepare(number, name, nonce, associated);
        try
        {
            OfEra(number >> EraShift).Decrypt(nonce, content[..plain.Length], content.Slice(plain.Length, TagBytes), plain, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            plain.Clear();
            return false;
        }
    }

    public void Dispose() => _cipher?.Dispose();

    private static void Prepare(ulong number, in StatePieceName name, Span<byte> nonce, Span<byte> associated)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[sizeof(uint)..], number);
        name.Write(associated);
    }

    private AesGcm OfEra(ulong era)
    {
        if (_cipher is null || era != _era)
        {
            _cipher?.Dispose();
            using Secret ofEra = KeySchedule.InstanceKey(key, new InstanceSalt(era), "state pages"u8);
            _cipher = new AesGcm(ofEra.Bytes, TagBytes);
            _era = era;
        }

        return _cipher;
    }
}
