using System.Buffers.Binary;

namespace Culvert.Attestation;

/// <summary>A SEV-SNP attestation report, 1184 bytes (AMD 56860, table 23): version 2, 3 (adds the CPU's family) or 5 (adds mitigation vectors).</summary>
internal sealed class SnpReport
{
    internal const int Bytes = 1184;

    /// <summary>What is signed: everything before the signature.</summary>
    internal const int SignedBytes = 0x2A0;

    private const int NumberBytes = 72;
    private const int CoordinateBytes = 48;
    internal const uint EcdsaP384Sha384 = 1;
    internal const int AlgorithmOffset = 0x34;
    private const ulong KnownPolicy = 0x3FF_FFFF;

    private readonly ReadOnlyMemory<byte> _bytes;

    private SnpReport(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    internal ReadOnlySpan<byte> Raw => _bytes.Span;

    internal uint Version => U32(0);

    internal uint GuestSvn => U32(4);

    internal ulong Policy => BinaryPrimitives.ReadUInt64LittleEndian(Raw[8..]);

    internal ReadOnlySpan<byte> FamilyId => Raw.Slice(0x10, 16);

    internal ReadOnlySpan<byte> ImageId => Raw.Slice(0x20, 16);

    internal uint Vmpl => U32(0x30);

    internal ReadOnlySpan<byte> CurrentTcb => Raw.Slice(0x38, 8);

    internal ulong PlatformInfo => BinaryPrimitives.ReadUInt64LittleEndian(Raw[0x40..]);

    internal uint KeyInfo => U32(0x48);

    internal ReadOnlySpan<byte> ReportData => Raw.Slice(0x50, 64);

    internal ReadOnlySpan<byte> Measurement => Raw.Slice(0x90, 48);

    internal ReadOnlySpan<byte> HostData => Raw.Slice(0xC0, 32);

    internal ReadOnlySpan<byte> IdKeyDigest => Raw.Slice(0xE0, 48);

    internal ReadOnlySpan<byte> AuthorKeyDigest => Raw.Slice(0x110, 48);

    internal ReadOnlySpan<byte> ReportId => Raw.Slice(0x140, 32);

    internal ReadOnlySpan<byte> ReportedTcb => Raw.Slice(0x180, 8);

    internal byte CpuFamily => Raw[0x188];

    internal byte CpuModel => Raw[0x189];

    internal byte CpuStepping => Raw[0x18A];

    internal ReadOnlySpan<byte> ChipId => Raw.Slice(0x1A0, 64);

    internal ReadOnlySpan<byte> CommittedTcb => Raw.Slice(0x1E0, 8);

    internal ReadOnlySpan<byte> LaunchTcb => Raw.Slice(0x1F0, 8);

    internal bool AllowsDebug => (Policy & (1UL << 19)) != 0;

    internal bool AllowsMigrationAgent => (Policy & (1UL << 18)) != 0;

    internal bool AllowsSmt => (Policy & (1UL << 16)) != 0;

    internal bool SingleSocketOnly => (Policy & (1UL << 20)) != 0;

    /// <summary>Bit 17 is always one, and bits 26 and up are zero in every policy that is known here.</summary>
    internal bool HasKnownPolicy => (Policy & (1UL << 17)) != 0 && (Policy & ~KnownPolicy) == 0;

    /// <summary>0: the chip's key (VCEK), 1: the provider's (VLEK), 7: none.</summary>
    internal uint SigningKey => (KeyInfo >> 2) & 7;

    internal bool IsChipKeyMasked => (KeyInfo & 2) != 0;

    /// <summary>The product that the CPU's family and model are of; null in version 2, which does not tell.</summary>
    internal AmdProduct? Product => Version < 3 ? null : (CpuFamily, CpuModel) switch
    {
        (0x19, <= 0x0F) => AmdProduct.Milan,
        (0x19, >= 0x10 and <= 0x1F or >= 0xA0 and <= 0xAF) => AmdProduct.Genoa,
        (0x1A, <= 0x1F) => AmdProduct.Turin,
        _ => null,
    };

    internal static Outcome<SnpReport> Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length != Bytes)
        {
            return new Failure(FailureKind.Malformed, $"SEV-SNP report: {bytes.Length} bytes; a report has {Bytes}");
        }

        SnpReport report = new(bytes);
        if (report.Version is not (2 or 3 or 5))
        {
            return new Failure(FailureKind.Malformed, $"SEV-SNP report: version {report.Version}; 2, 3 and 5 are known");
        }

        if (report.U32(AlgorithmOffset) != EcdsaP384Sha384)
        {
            return new Failure(FailureKind.Malformed, $"SEV-SNP report: signature algorithm {report.U32(AlgorithmOffset)}; 1 (ECDSA on P-384) is accepted");
        }

        return report.ReservedIsZero()
            ? report
            : new Failure(FailureKind.Malformed, "SEV-SNP report: reserved bytes are not zero");
    }

    /// <summary>The signature as r and s, big-endian, 48 bytes each.</summary>
    internal byte[] Signature()
    {
        byte[] signature = new byte[2 * CoordinateBytes];
        ReadOnlySpan<byte> r = Raw.Slice(SignedBytes, CoordinateBytes);
        ReadOnlySpan<byte> s = Raw.Slice(SignedBytes + NumberBytes, CoordinateBytes);
        for (int i = 0; i < CoordinateBytes; i++)
        {
            signature[CoordinateBytes - 1 - i] = r[i];
            signature[(2 * CoordinateBytes) - 1 - i] = s[i];
        }

        return signature;
    }

    /// <summary>Reserved fields of the signed part, the numbers' high bytes, and what follows the signature.</summary>
    private bool ReservedIsZero()
    {
        bool zero = IsZero(0x4C, 4) && IsZero(0x18B, 0x1A0 - 0x18B)
            && IsZero(SignedBytes + CoordinateBytes, NumberBytes - CoordinateBytes)
            && IsZero(SignedBytes + NumberBytes + CoordinateBytes, NumberBytes - CoordinateBytes)
            && IsZero(SignedBytes + (2 * NumberBytes), Bytes - SignedBytes - (2 * NumberBytes));
        bool cpu = Version >= 3 || IsZero(0x188, 3);
        int fieldsEnd = Version >= 5 ? 0x208 : 0x1F8;
        return zero && cpu && IsZero(fieldsEnd, SignedBytes - fieldsEnd);
    }

    private bool IsZero(int offset, int length) => !Raw.Slice(offset, length).ContainsAnyExcept((byte)0);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Raw[offset..]);
}
