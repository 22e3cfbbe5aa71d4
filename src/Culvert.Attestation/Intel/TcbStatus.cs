using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>Intel's words for how current a TCB is (PCS API, TCB info), the converged ones of the verification library included.</summary>
internal enum TcbStatus
{
    UpToDate,
    SWHardeningNeeded,
    ConfigurationNeeded,
    ConfigurationAndSWHardeningNeeded,

    /// <summary>The module was updated under the running trust domain, which still stands on the old one.</summary>
    TDRelaunchAdvised,
    TDRelaunchAdvisedConfigurationNeeded,
    OutOfDate,
    OutOfDateConfigurationNeeded,
    Revoked,

    /// <summary>No level matches: older than all that Intel lists.</summary>
    NotSupported,
}

/// <summary>A level of a TDX module or of the quoting enclave.</summary>
internal sealed record IsvLevel(int IsvSvn, TcbStatus Status, DateTimeOffset Date, ImmutableArray<string> AdvisoryIds);

/// <summary>A level of a platform: at least these components, PCE and, for TDX, module components.</summary>
internal sealed record TcbLevel(
    ImmutableArray<byte> SgxComponents,
    int PceSvn,
    ImmutableArray<byte> TdxComponents,
    TcbStatus Status,
    DateTimeOffset Date,
    ImmutableArray<string> AdvisoryIds);
