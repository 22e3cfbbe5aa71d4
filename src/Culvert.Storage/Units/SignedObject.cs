using System.Buffers;
using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>What configurations, metadata records and leases have alike: a mark first, a signature last.</summary>
internal static class SignedObject
{
    internal static byte[] Sign(ArrayBufferWriter<byte> body, SigningKey key) => [.. body.WrittenSpan, .. key.Sign(body.WrittenSpan)];

    /// <summary>The bytes before the signature, or none when there are too few or the mark is another.</summary>
    internal static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> mark) =>
        bytes.Length > mark.Length + VerifyingKey.SignatureBytes && bytes.StartsWith(mark) ? bytes[..^VerifyingKey.SignatureBytes] : default;

    internal static bool Verifies(ReadOnlySpan<byte> bytes, VerifyingKey key) =>
        key.Verifies(bytes[..^VerifyingKey.SignatureBytes], bytes[^VerifyingKey.SignatureBytes..]);

    /// <summary>By a key that the configuration does not let write: perhaps another configuration does.</summary>
    internal static Failure UnknownSigner(string what) => new(FailureKind.Missing, $"{what}: no writer of this store's configuration has the key that it names");

    internal static bool IsOfUnknownSigner(Failure failure) => failure.Kind == FailureKind.Missing;

    internal static Failure Malformed(string what, string why) => new(FailureKind.Malformed, $"{what}: {why}");
}
