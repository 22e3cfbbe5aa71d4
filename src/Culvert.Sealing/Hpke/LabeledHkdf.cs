using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Sealing;

/// <summary>LabeledExtract and LabeledExpand (RFC 9180, section 4) with HKDF-SHA256: each use under its suite and label.</summary>
internal static class LabeledHkdf
{
    /// <summary>Nh: bytes of a pseudorandom key.</summary>
    internal const int HashBytes = 32;

    /// <summary>The most that one expansion gives.</summary>
    internal const int OutputBytesMax = 255 * HashBytes;

    private static ReadOnlySpan<byte> Version => "HPKE-v1"u8;

    internal static Secret Extract(ReadOnlySpan<byte> suite, ReadOnlySpan<byte> salt, string label, ReadOnlySpan<byte> inputKey)
    {
        // Pinned, so that no copy is left where a collection found it.
        byte[] labeled = GC.AllocateUninitializedArray<byte>(Version.Length + suite.Length + label.Length + inputKey.Length, pinned: true);
        Span<byte> extracted = stackalloc byte[HashBytes];
        try
        {
            Write(labeled, suite, label, inputKey);
            HKDF.Extract(HashAlgorithmName.SHA256, labeled, salt, extracted);
            return Secret.CopyOf(extracted);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(labeled);
            CryptographicOperations.ZeroMemory(extracted);
        }
    }

    internal static Secret Expand(ReadOnlySpan<byte> suite, Secret key, string label, ReadOnlySpan<byte> info, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, OutputBytesMax);
        byte[] labeled = new byte[sizeof(ushort) + Version.Length + suite.Length + label.Length + info.Length];
        BinaryPrimitives.WriteUInt16BigEndian(labeled, (ushort)length);
        Write(labeled.AsSpan(sizeof(ushort)), suite, label, info);
        return Secret.Create(length, output => HKDF.Expand(HashAlgorithmName.SHA256, key.Bytes, output, labeled));
    }

    private static void Write(Span<byte> destination, ReadOnlySpan<byte> suite, string label, ReadOnlySpan<byte> last)
    {
        Version.CopyTo(destination);
        destination = destination[Version.Length..];
        suite.CopyTo(destination);
        destination = destination[suite.Length..];
        Encoding.ASCII.GetBytes(label, destination);
        last.CopyTo(destination[label.Length..]);
    }
}
