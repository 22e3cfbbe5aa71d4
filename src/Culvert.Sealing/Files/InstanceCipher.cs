using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>The cipher of one instance: its key, and the nonces of what it seals. Not thread safe.</summary>
internal sealed class InstanceCipher : IDisposable
{
    internal const int TagBytes = 16;
    internal const int NonceBytes = 12;

    /// <summary>What a nonce's number says of a directory; of an end; of column 0.</summary>
    internal const uint DirectoryNumber = 0;
    internal const uint EndNumber = 1;
    internal const uint FirstColumnNumber = 2;

    private readonly AesGcm _aes;

    private InstanceCipher(InstanceSalt salt, AesGcm aes) => (Salt, _aes) = (salt, aes);

    internal InstanceSalt Salt { get; }

    internal static InstanceCipher ForHeader(Secret fileKey, InstanceSalt salt) => Make(fileKey, salt, "header"u8);

    internal static InstanceCipher ForStrand(Secret fileKey, InstanceSalt salt, int strand, UInt128 headerTag)
    {
        Span<byte> context = stackalloc byte[6 + sizeof(int) + 16];
        "strand"u8.CopyTo(context);
        BinaryPrimitives.WriteInt32LittleEndian(context[6..], strand);
        BinaryPrimitives.WriteUInt128BigEndian(context[10..], headerTag);
        return Make(fileKey, salt, context);
    }

    /// <summary>Seals; the output may be where the input is.</summary>
    internal UInt128 Seal(long group, uint number, ReadOnlySpan<byte> plain, Span<byte> output, ReadOnlySpan<byte> additional = default)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Span<byte> tag = stackalloc byte[TagBytes];
        WriteNonce(group, number, nonce);
        _aes.Encrypt(nonce, plain, output, tag, additional);
        return BinaryPrimitives.ReadUInt128BigEndian(tag);
    }

    /// <summary>Opens; false, and zeros in the output, when the tag does not fit.</summary>
    internal bool TryOpen(long group, uint number, ReadOnlySpan<byte> cipher, UInt128 tag, Span<byte> output, ReadOnlySpan<byte> additional = default)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Span<byte> tagBytes = stackalloc byte[TagBytes];
        WriteNonce(group, number, nonce);
        BinaryPrimitives.WriteUInt128BigEndian(tagBytes, tag);
        try
        {
            _aes.Decrypt(nonce, cipher, tagBytes, output, additional);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => _aes.Dispose();

    private static InstanceCipher Make(Secret fileKey, InstanceSalt salt, ReadOnlySpan<byte> context)
    {
        using Secret key = KeySchedule.InstanceKey(fileKey, salt, context);
        return new InstanceCipher(salt, new AesGcm(key.Bytes, TagBytes));
    }

    private static void WriteNonce(long group, uint number, Span<byte> nonce)
    {
        BinaryPrimitives.WriteInt64LittleEndian(nonce, group);
        BinaryPrimitives.WriteUInt32LittleEndian(nonce[sizeof(long)..], number);
    }
}
