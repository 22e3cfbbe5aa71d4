using System.Buffers.Binary;

namespace Culvert.Attestation;

/// <summary>
/// A trust domain's report body: 584 bytes (TDX 1.0) or 648 (TDX 1.5, with a second TCB SVN and the service TD's measurement);
/// Intel TDX DCAP quoting library API, A.3.2 and A.3.4.
/// </summary>
internal sealed class TdReport(ReadOnlyMemory<byte> bytes)
{
    internal const int Bytes10 = 584;
    internal const int Bytes15 = 648;

    /// <summary>Attributes that this verifier knows: debug, LASS, SEPT_VE_DISABLE, MIGRATABLE, PKS, KL, PERFMON.</summary>
    private const ulong KnownAttributes = 0x8000_0000_F800_0001;

    internal ReadOnlySpan<byte> Raw => bytes.Span;

    internal bool Is15 => Raw.Length == Bytes15;

    internal ReadOnlySpan<byte> TeeTcbSvn => Raw[..16];

    internal ReadOnlySpan<byte> MrSeam => Raw[16..64];

    internal ReadOnlySpan<byte> MrSignerSeam => Raw[64..112];

    internal ReadOnlySpan<byte> SeamAttributes => Raw[112..120];

    internal ReadOnlySpan<byte> TdAttributes => Raw[120..128];

    internal ReadOnlySpan<byte> Xfam => Raw[128..136];

    internal ReadOnlySpan<byte> MrTd => Raw[136..184];

    internal ReadOnlySpan<byte> MrConfigId => Raw[184..232];

    internal ReadOnlySpan<byte> MrOwner => Raw[232..280];

    internal ReadOnlySpan<byte> MrOwnerConfig => Raw[280..328];

    internal ReadOnlySpan<byte> ReportData => Raw[520..584];

    /// <summary>The TCB of the module now, after an update that preserved the trust domain; of 1.5 only.</summary>
    internal ReadOnlySpan<byte> TeeTcbSvn2 => Raw[584..600];

    internal ReadOnlySpan<byte> MrServiceTd => Raw[600..648];

    /// <summary>The low byte is "trust domain under debug": any bit of it voids the protection.</summary>
    internal bool IsDebug => (AttributeBits & 0xFF) != 0;

    internal bool SeptVeDisable => (AttributeBits & (1UL << 28)) != 0;

    internal bool IsMigratable => (AttributeBits & (1UL << 29)) != 0;

    internal bool HasUnknownAttributes => (AttributeBits & ~KnownAttributes & ~0xFFUL) != 0;

    internal bool HasPerformanceMonitoring => (AttributeBits & (1UL << 63)) != 0;

    internal ReadOnlySpan<byte> Rtmr(int index) => Raw.Slice(328 + (48 * index), 48);

    private ulong AttributeBits => BinaryPrimitives.ReadUInt64LittleEndian(TdAttributes);
}
