using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// The report that an Azure confidential VM's paravisor leaves in the vTPM (NV index 0x01400001): a header, the hardware's
/// report, and runtime data with the vTPM's keys, whose hash the hardware's report binds. Read strictly: what is not bound
/// (header, lengths, padding) has one form only.
/// </summary>
internal sealed class HclReport
{
    private const int HeaderBytes = 32;
    private const int DataHeaderBytes = 20;
    private const int DataOffset = HeaderBytes + SnpReport.Bytes;
    private const int BytesMax = 16 * 1024;
    private const uint RequestTypeReport = 2;
    private const uint ReportTypeSnp = 2;
    private const uint ReportTypeTdx = 4;
    private const int ReportTypeOffset = DataOffset + 8;
    private const int KeysMax = 16;

    /// <summary>A SEV-SNP report, or a trust domain's local report, which has no signature.</summary>
    internal required ReadOnlyMemory<byte> HardwareReport { get; init; }

    internal required bool IsTdx { get; init; }

    /// <summary>The JSON text that is hashed.</summary>
    internal required ReadOnlyMemory<byte> RuntimeData { get; init; }

    /// <summary>The vTPM's attestation key.</summary>
    internal required PublicKey AttestationKey { get; init; }

    internal required HashAlgorithmName Hash { get; init; }

    /// <summary>Whether the report says that it is of Intel TDX, as far as its outside tells.</summary>
    internal static bool IsOfTdx(ReadOnlySpan<byte> bytes) => bytes.Length >= ReportTypeOffset + 4 && U32(bytes, ReportTypeOffset) == ReportTypeTdx;

    internal static Outcome<HclReport> Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length is < DataOffset + DataHeaderBytes or > BytesMax)
        {
            return Malformed($"{bytes.Length} bytes; it has {DataOffset + DataHeaderBytes} to {BytesMax}");
        }

        ReadOnlySpan<byte> span = bytes.Span;
        uint version = U32(span, 4);
        uint used = U32(span, 8);
        if (!span.StartsWith("HCLA"u8) || version is not (1 or 2) || U32(span, 12) != RequestTypeReport || span[16..HeaderBytes].ContainsAnyExcept((byte)0))
        {
            return Malformed("its header is not that of a report");
        }

        ReadOnlySpan<byte> data = span[DataOffset..];
        uint size = U32(data, 0);
        uint textBytes = U32(data, 16);
        if (textBytes > (uint)(data.Length - DataHeaderBytes) || size != DataHeaderBytes + textBytes || used != DataOffset + size)
        {
            return Malformed($"its lengths ({used}, {size}, {textBytes}) do not agree");
        }

        bool tdx = IsOfTdx(span);
        if (U32(data, 4) != 1 || (U32(data, 8) != ReportTypeSnp && !tdx))
        {
            return Malformed($"runtime data of version {U32(data, 4)} for hardware {U32(data, 8)}; version 1 for SEV-SNP (2) and TDX (4) is known");
        }

        // The room is as long as the longer of the two.
        int hardwareBytes = tdx ? LocalTdReport.Bytes : SnpReport.Bytes;
        if (span[(HeaderBytes + hardwareBytes)..DataOffset].ContainsAnyExcept((byte)0))
        {
            return Malformed("its padding is not zero");
        }

        HashAlgorithmName? hash = U32(data, 12) switch
        {
            1 => HashAlgorithmName.SHA256,
            2 => HashAlgorithmName.SHA384,
            3 => HashAlgorithmName.SHA512,
            _ => null,
        };
        int end = DataOffset + DataHeaderBytes + (int)textBytes;
        if (hash is not { } known || span[end..].ContainsAnyExcept((byte)0))
        {
            return Malformed("its hash is not known, or its padding is not zero");
        }

        ReadOnlyMemory<byte> text = bytes[(DataOffset + DataHeaderBytes)..end];
        Outcome<PublicKey> key = ReadAttestationKey(text);
        return key.Succeeded
            ? new HclReport { HardwareReport = bytes.Slice(HeaderBytes, hardwareBytes), IsTdx = tdx, RuntimeData = text, AttestationKey = key.Value, Hash = known }
            : key.Failure;
    }

    private static Outcome<PublicKey> ReadAttestationKey(ReadOnlyMemory<byte> text)
    {
        Outcome<(byte[] Modulus, byte[] Exponent)> numbers = JsonFields.Read(text, "runtime data", root =>
        {
            var keys = root.Each("keys", KeysMax, key => (Id: key.Text("kid"), Key: key.Clone()));
            (string _, JsonElement ak) = keys.FirstOrDefault(key => key.Id == "HCLAkPub");
            return ak.ValueKind == JsonValueKind.Object && ak.Text("kty") == "RSA" && keys.Count(key => key.Id == "HCLAkPub") == 1
                ? (Base64Url(ak.Text("n")), Base64Url(ak.Text("e")))
                : throw new JsonException("it has not one RSA key HCLAkPub");
        });
        return numbers.Succeeded ? PublicKey.OfRsa(numbers.Value.Modulus, numbers.Value.Exponent) : numbers.Failure;
    }

    private static byte[] Base64Url(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);

    private static uint U32(ReadOnlySpan<byte> from, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(from[offset..]);

    private static Failure Malformed(string why) => new(FailureKind.Malformed, $"Azure HCL report: {why}");
}
