using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>
/// Evidence without hardware, for development: what would be measured and bound, signed by a local key (ECDSA on P-256,
/// SHA-256). 236 bytes, laid out in <c>docs/specs/attestation.md</c>. It proves nothing of the machine that made it.
/// </summary>
public sealed class SimulationEvidence
{
    /// <summary>The name of its file in a folder of evidence.</summary>
    public const string FileName = EvidenceFile.Simulation;

    /// <summary>Bytes of the whole.</summary>
    public const int Bytes = SignedBytes + 64;

    /// <summary>Bytes of a measurement, SHA-256.</summary>
    public const int MeasurementBytes = 32;

    /// <summary>Bytes of report data, as hardware has them.</summary>
    public const int ReportDataBytes = 64;

    private const ushort FormatVersion = 1;
    private const int SignedBytes = 12 + MeasurementBytes + ReportDataBytes + 64;

    private readonly ReadOnlyMemory<byte> _bytes;

    private SimulationEvidence(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    internal static ReadOnlySpan<byte> Magic => "CULVSIMU"u8;

    /// <summary>What runs.</summary>
    public ReadOnlyMemory<byte> Measurement => _bytes.Slice(12, MeasurementBytes);

    /// <summary>What it bound.</summary>
    public ReadOnlyMemory<byte> ReportData => _bytes.Slice(12 + MeasurementBytes, ReportDataBytes);

    internal ReadOnlySpan<byte> Signed => _bytes.Span[..SignedBytes];

    internal ReadOnlySpan<byte> Signature => _bytes.Span[SignedBytes..];

    internal ReadOnlySpan<byte> Point => _bytes.Span.Slice(SignedBytes - 64, 64);

    /// <summary>Makes evidence. <paramref name="key"/> is a P-256 key and stays the caller's.</summary>
    public static byte[] Create(ReadOnlySpan<byte> measurement, ReadOnlySpan<byte> reportData, ECDsa key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(measurement.Length, MeasurementBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(reportData.Length, ReportDataBytes);
        ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
        ArgumentOutOfRangeException.ThrowIfNotEqual(point.X!.Length, 32, nameof(key));
        byte[] evidence = new byte[Bytes];
        Magic.CopyTo(evidence);
        BinaryPrimitives.WriteUInt16LittleEndian(evidence.AsSpan(8), FormatVersion);
        measurement.CopyTo(evidence.AsSpan(12));
        reportData.CopyTo(evidence.AsSpan(12 + MeasurementBytes));
        point.X.CopyTo(evidence, SignedBytes - 64);
        point.Y!.CopyTo(evidence, SignedBytes - 32);
        key.SignData(evidence.AsSpan(0, SignedBytes), evidence.AsSpan(SignedBytes), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return evidence;
    }

    internal static Outcome<SimulationEvidence> Parse(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> span = bytes.Span;
        return span.Length == Bytes && span.StartsWith(Magic) && BinaryPrimitives.ReadUInt16LittleEndian(span[8..]) == FormatVersion && span[10] == 0 && span[11] == 0
            ? new SimulationEvidence(bytes)
            : new Failure(FailureKind.Malformed, $"simulation evidence: not {Bytes} bytes of version {FormatVersion}");
    }
}
