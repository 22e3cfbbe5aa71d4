using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>Which members each object of a proof has (docs/specs/proof.md); the published schema has the same.</summary>
internal static class ProofMembers
{
    internal static readonly ImmutableArray<string> Document =
        ["culvert", "job", "plan", "run", "manifests", "enclaves", "statements", "inputs", "result", "timestamps"];

    internal static readonly ImmutableArray<string> Enclave = ["binding", "evidence", "collateral", "result"];
    internal static readonly ImmutableArray<string> Statement = ["statement", "signature"];
    internal static readonly ImmutableArray<string> Input = ["stream", "header", "digest"];
    internal static readonly ImmutableArray<string> InputMayLack = ["digest"];
    internal static readonly ImmutableArray<string> Result = ["columns", "salt", "sealed"];
    internal static readonly ImmutableArray<string> ResultMayLack = ["salt", "sealed"];
    internal static readonly ImmutableArray<string> Column = ["name", "type"];
    internal static readonly ImmutableArray<string> Timestamps = ["owner", "tokens"];
    internal static readonly ImmutableArray<string> OwnerTimestamp = ["at", "signature"];
}
