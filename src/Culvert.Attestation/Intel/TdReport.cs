using System.Buffers.Binary;

namespace Culvert.Attestation;

/// <summary>
/// A trust domain's report body: 584 bytes (TDX 1.0), 648 (TDX 1.5, with a second TCB SVN and the service TD's measurement) or
/// 885 (TDX 1.5 extended, with the domain's identifier and what it was created with); Intel TDX DCAP quoting library API,
/// A.3.2 and A.3.4, and sgx_quote_5.h of DCAP 1.24.
/// </summary>
internal sealed class TdReport(ReadOnlyMemory<byte> bytes)
{
    internal const int Bytes10 = 584;
    internal const int Bytes15 = 648;
    internal const int Bytes15Extended = 885;

    /// <summary>Attributes that this verifier knows: debug, LASS, SEPT_VE_DISABLE, MIGRATABLE, PKS, KL, PERFMON.</summary>
    private const ulong KnownAttributes = 0x8000_0000_F800_0001;

    internal ReadOnlySpan<byte> Raw => bytes.Span;

    /// <summary>Of TDX 1.5, extended or not.</summary>
    internal bool Is15 => Raw.Length >= Bytes15;

    internal bool IsExtended => Raw.Length == Bytes15Extended;

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

    /// <summary>Which partition of a partitioned domain asked for the report; of the extended report only, as all that follows.</summary>
    internal ReadOnlySpan<byte> Vmid => Raw[648..649];

    /// <summary>Chosen by chance at each launch, kept over updates and migration; zero where the host did not switch it on.</summary>
    internal ReadOnlySpan<byte> TdId => Raw[649..681];

    internal ReadOnlySpan<byte> DeviceInformation => Raw[681..729];

    internal ReadOnlySpan<byte> InitialServiceTdHash => Raw[729..777];

    internal ReadOnlySpan<byte> InitialServiceTdAttributes => Raw[777..785];

    internal ReadOnlySpan<byte> InitialCpuSvn => Raw[785..801];

    internal ReadOnlySpan<byte> InitialTeeTcbSvn => Raw[801..817];

    internal ReadOnlySpan<byte> InitialFmspc => Raw[817..829];

    internal ReadOnlySpan<byte> CurrentServiceTdHash => Raw[829..877];

    internal ReadOnlySpan<byte> CurrentServiceTdAttributes => Raw[877..885];

    /// <summary>The low byte is "trust domain under debug": any bit of it voids the protection.</summary>
    internal bool IsDebug => (AttributeBits & 0xFF) != 0;

    internal bool SeptVeDisable => (AttributeBits & (1UL << 28)) != 0;

    internal bool IsMigratable => (AttributeBits & (1UL << 29)) != 0;

    internal bool HasUnknownAttributes => (AttributeBits & ~KnownAttributes & ~0xFFUL) != 0;

    internal bool HasPerformanceMonitoring => (AttributeBits & (1UL << 63)) != 0;

    internal ReadOnlySpan<byte> Rtmr(int index) => Raw.Slice(328 + (48 * index), 48);

    private ulong AttributeBits => BinaryPrimitives.ReadUInt64LittleEndian(TdAttributes);
}
