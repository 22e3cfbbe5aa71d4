using System.Buffers.Binary;

namespace Culvert.Attestation;

/// <summary>An SGX enclave's report body, 384 bytes (Intel SDM 3D, table 38-21), as quotes hold it for an enclave and for the quoting enclave.</summary>
internal sealed class EnclaveReport(ReadOnlyMemory<byte> bytes)
{
    internal const int Bytes = 384;
    private const ulong DebugAttribute = 2;

    internal ReadOnlySpan<byte> Raw => bytes.Span;

    internal ReadOnlySpan<byte> CpuSvn => Raw[..16];

    internal ReadOnlySpan<byte> MiscSelect => Raw[16..20];

    internal ReadOnlySpan<byte> Attributes => Raw[48..64];

    internal ReadOnlySpan<byte> MrEnclave => Raw[64..96];

    internal ReadOnlySpan<byte> MrSigner => Raw[128..160];

    internal ReadOnlySpan<byte> ConfigId => Raw[192..256];

    internal ushort IsvProdId => BinaryPrimitives.ReadUInt16LittleEndian(Raw[256..]);

    internal ushort IsvSvn => BinaryPrimitives.ReadUInt16LittleEndian(Raw[258..]);

    internal ushort ConfigSvn => BinaryPrimitives.ReadUInt16LittleEndian(Raw[260..]);

    internal ReadOnlySpan<byte> ReportData => Raw[320..384];

    internal bool IsDebug => (BinaryPrimitives.ReadUInt64LittleEndian(Attributes) & DebugAttribute) != 0;
}
