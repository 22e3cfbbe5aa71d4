using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>
/// A trust domain's report for its own machine (TDREPORT_STRUCT, 1024 bytes; Intel TDX module ABI, 22.6): what a quote is made
/// of. Only the machine that made it could check its MAC, so it is believed as far as a quote repeats it.
/// </summary>
internal sealed class LocalTdReport(ReadOnlyMemory<byte> bytes)
{
    internal const int Bytes = 1024;

    private const uint TypeTdx = 0x81;
    private const int TcbInfo = 256;
    private const int TcbInfoBytes = 239;
    private const int DomainInfo = 512;

    /// <summary>Where TEE_TCB_SVN begins within the TCB's part, after the bits of which fields are valid.</summary>
    private const int TcbSvn = TcbInfo + 8;

    /// <summary>Of the TCB's part, what a quote's body begins with: TEE_TCB_SVN to SEAMATTRIBUTES.</summary>
    private const int SharedTcbBytes = 120;

    /// <summary>Of the domain's part, what follows in a quote's body: attributes to RTMR3.</summary>
    private const int SharedDomainBytes = 400;

    private const int ServiceHash = DomainInfo + 400;
    private const int ServiceHashBytes = 48;

    private ReadOnlySpan<byte> Raw => bytes.Span;

    /// <summary>
    /// Whether a quote's body says the same in all that both have, and what only this has hangs together: the two digests, and
    /// nothing reserved. CPUSVN and MAC, 48 bytes, are left.
    /// </summary>
    internal bool IsOf(TdReport quoted)
    {
        ReadOnlySpan<byte> body = quoted.Raw;
        return BinaryPrimitives.ReadUInt32LittleEndian(Raw) == Type && !Raw[4..16].ContainsAnyExcept((byte)0)
            && !Raw[192..224].ContainsAnyExcept((byte)0)
            && !Raw[(TcbInfo + TcbInfoBytes)..DomainInfo].ContainsAnyExcept((byte)0)
            && Raw[32..80].SequenceEqual(SHA384.HashData(Raw.Slice(TcbInfo, TcbInfoBytes)))
            && Raw[80..128].SequenceEqual(SHA384.HashData(Raw[DomainInfo..]))
            && Raw.Slice(TcbSvn, SharedTcbBytes).SequenceEqual(body[..SharedTcbBytes])
            && Raw.Slice(DomainInfo, SharedDomainBytes).SequenceEqual(body.Slice(SharedTcbBytes, SharedDomainBytes))
            && Raw[128..192].SequenceEqual(quoted.ReportData);
    }

    /// <summary>Version 1 of the type when a service domain is bound, 0 otherwise.</summary>
    private uint Type => TypeTdx | (Raw.Slice(ServiceHash, ServiceHashBytes).ContainsAnyExcept((byte)0) ? 1u << 16 : 0);
}
