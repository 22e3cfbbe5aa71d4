using System.Buffers.Binary;

namespace Culvert.Attestation;

/// <summary>
/// A DCAP quote, taken apart but not verified: version 3 (SGX), 4 and 5 (TDX); ECDSA on P-256 with a PCK chain in PEM. Bytes
/// after the signature data are tolerated, as machines deliver them, and ignored.
/// </summary>
internal sealed class IntelQuote
{
    internal const int HeaderBytes = 48;
    internal const uint TeeTypeSgx = 0;
    internal const uint TeeTypeTdx = 0x81;

    /// <summary>The kernel's interface gives at most 32 KiB; padding included.</summary>
    internal const int BytesMax = 128 * 1024;

    private const int FixedSignatureBytes = 64 + 64;
    private const int QeReportWithSignature = EnclaveReport.Bytes + 64;
    private const ushort AttestationKeyEcdsaP256 = 2;
    private const ushort CertificationPckChain = 5;
    private const ushort CertificationQeReport = 6;

    internal required int Version { get; init; }

    internal required ReadOnlyMemory<byte> Header { get; init; }

    /// <summary>What the attestation key signs: header and body.</summary>
    internal required ReadOnlyMemory<byte> Signed { get; init; }

    /// <summary>The enclave's report; null for TDX.</summary>
    internal EnclaveReport? Enclave { get; private set; }

    /// <summary>The trust domain's report; null for SGX.</summary>
    internal TdReport? Domain { get; private set; }

    internal ReadOnlyMemory<byte> Signature { get; private set; }

    internal ReadOnlyMemory<byte> AttestationKey { get; private set; }

    internal EnclaveReport QeReport { get; private set; } = null!;

    internal ReadOnlyMemory<byte> QeReportSignature { get; private set; }

    internal ReadOnlyMemory<byte> QeAuthenticationData { get; private set; }

    internal ReadOnlyMemory<byte> PckChain { get; private set; }

    /// <summary>Where the signature data ends; what follows is padding.</summary>
    internal int BytesUsed { get; private set; }

    internal static Outcome<IntelQuote> Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > BytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"quote: {bytes.Length} bytes; at most {BytesMax} are read");
        }

        if (bytes.Length < HeaderBytes + 6)
        {
            return Malformed($"{bytes.Length} bytes are shorter than a header");
        }

        ReadOnlySpan<byte> span = bytes.Span;
        int version = BinaryPrimitives.ReadUInt16LittleEndian(span);
        ushort keyType = BinaryPrimitives.ReadUInt16LittleEndian(span[2..]);
        uint teeType = BinaryPrimitives.ReadUInt32LittleEndian(span[4..]);
        if (keyType != AttestationKeyEcdsaP256)
        {
            return Malformed($"attestation key type {keyType}; 2 (ECDSA on P-256) is accepted");
        }

        // Where the body begins and how long it is.
        (int start, int length) = (version, teeType) switch
        {
            (3, TeeTypeSgx) => (HeaderBytes, EnclaveReport.Bytes),
            (4, TeeTypeTdx) => (HeaderBytes, TdReport.Bytes10),
            (5, TeeTypeTdx) => (HeaderBytes + 6, BodyOfVersion5(span)),
            _ => (0, 0),
        };
        if (length == 0)
        {
            return Malformed($"version {version} of TEE type {teeType:x} (or its body) is not known; SGX version 3 and TDX versions 4 and 5 are");
        }

        int end = start + length;
        if (bytes.Length < end + 4)
        {
            return Malformed($"it ends within the report body at {bytes.Length}");
        }

        IntelQuote quote = new() { Version = version, Header = bytes[..HeaderBytes], Signed = bytes[..end] };
        if (teeType == TeeTypeSgx)
        {
            quote.Enclave = new EnclaveReport(bytes[start..end]);
        }
        else
        {
            quote.Domain = new TdReport(bytes[start..end]);
        }

        uint signatureBytes = BinaryPrimitives.ReadUInt32LittleEndian(span[end..]);
        if (signatureBytes > (uint)(bytes.Length - end - 4))
        {
            return Malformed($"its signature data of {signatureBytes} bytes go beyond its end at {bytes.Length}");
        }

        quote.BytesUsed = end + 4 + (int)signatureBytes;
        return quote.ReadSignatureData(bytes[(end + 4)..quote.BytesUsed]) is { } why ? Malformed(why) : quote;
    }

    private static int BodyOfVersion5(ReadOnlySpan<byte> span) =>
        (BinaryPrimitives.ReadUInt16LittleEndian(span[HeaderBytes..]), BinaryPrimitives.ReadUInt32LittleEndian(span[(HeaderBytes + 2)..])) switch
        {
            (2, TdReport.Bytes10) => TdReport.Bytes10,
            (3, TdReport.Bytes15) => TdReport.Bytes15,
            (4, TdReport.Bytes15Extended) => TdReport.Bytes15Extended,
            _ => 0,
        };

    /// <summary>Null when it holds; all lengths have to agree to the byte, so that no length can be altered unseen.</summary>
    private string? ReadSignatureData(ReadOnlyMemory<byte> data)
    {
        if (data.Length < FixedSignatureBytes + 6)
        {
            return "its signature data are too short";
        }

        Signature = data[..64];
        AttestationKey = data[64..128];
        ReadOnlyMemory<byte> certification = data[FixedSignatureBytes..];
        if (Version >= 4)
        {
            ushort type = BinaryPrimitives.ReadUInt16LittleEndian(certification.Span);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(certification.Span[2..]);
            if (type != CertificationQeReport || length != (uint)(certification.Length - 6))
            {
                return $"certification data of type {type} and {length} bytes; type 6 with {certification.Length - 6} bytes is expected";
            }

            certification = certification[6..];
        }

        if (certification.Length < QeReportWithSignature + 2)
        {
            return "its quoting enclave's report is cut off";
        }

        QeReport = new EnclaveReport(certification[..EnclaveReport.Bytes]);
        QeReportSignature = certification[EnclaveReport.Bytes..QeReportWithSignature];
        int authenticationBytes = BinaryPrimitives.ReadUInt16LittleEndian(certification.Span[QeReportWithSignature..]);
        certification = certification[(QeReportWithSignature + 2)..];
        if (certification.Length < authenticationBytes + 6)
        {
            return "its authentication data are cut off";
        }

        QeAuthenticationData = certification[..authenticationBytes];
        certification = certification[authenticationBytes..];
        ushort innerType = BinaryPrimitives.ReadUInt16LittleEndian(certification.Span);
        uint innerLength = BinaryPrimitives.ReadUInt32LittleEndian(certification.Span[2..]);
        if (innerType != CertificationPckChain || innerLength != (uint)(certification.Length - 6))
        {
            return $"certification data of type {innerType} and {innerLength} bytes; type 5 (a PCK chain) with {certification.Length - 6} bytes is expected";
        }

        PckChain = certification[6..];
        return null;
    }

    private static Failure Malformed(string why) => new(FailureKind.Malformed, $"quote: {why}");
}
