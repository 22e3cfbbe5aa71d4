using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>
/// AES-256-GCM (NIST SP 800-38D) under the key of one sender instance. The nonce is the receiving partition (4 bytes) and
/// the sequence number (8 bytes), both big-endian: a place that an instance fills once.
/// </summary>
internal sealed class FrameCipher : IDisposable
{
    private const int NonceBytes = 12;

    private readonly AesGcm _aes;

    /// <summary>The cipher of one producer's instance on one edge, under the edge's key of an epoch.</summary>
    internal FrameCipher(Secret edgeKey, InstanceSalt salt, Producer producer)
    {
        Span<byte> context = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(context, producer.Stage.Value);
        BinaryPrimitives.WriteInt32BigEndian(context[sizeof(int)..], producer.Partition.Value);
        using Secret key = KeySchedule.InstanceKey(edgeKey, salt, context);
        _aes = new AesGcm(key.Bytes, FrameFormat.TagBytes);
    }

    /// <summary>Encrypts all behind the header in place, and writes the tag.</summary>
    internal void Seal(in FrameHeader header, Span<byte> frame)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteNonce(header, nonce);
        Span<byte> text = frame[FrameFormat.HeaderBytes..^FrameFormat.TagBytes];
        _aes.Encrypt(nonce, text, text, frame[^FrameFormat.TagBytes..], frame[..FrameFormat.HeaderBytes]);
    }

    /// <summary>Decrypts all behind the header in place; where it was altered, zeros it and returns false.</summary>
    internal bool TryOpen(in FrameHeader header, Span<byte> frame)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteNonce(header, nonce);
        Span<byte> text = frame[FrameFormat.HeaderBytes..^FrameFormat.TagBytes];
        try
        {
            _aes.Decrypt(nonce, text, frame[^FrameFormat.TagBytes..], text, frame[..FrameFormat.HeaderBytes]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            text.Clear();
            return false;
        }
    }

    public void Dispose() => _aes.Dispose();

    private static void WriteNonce(in FrameHeader header, Span<byte> nonce)
    {
        BinaryPrimitives.WriteInt32BigEndian(nonce, header.To.Value);
        BinaryPrimitives.WriteInt64BigEndian(nonce[sizeof(int)..], header.Sequence.Value);
    }
}
