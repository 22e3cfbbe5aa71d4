using System.Collections.Immutable;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>Which members each object of a manifest has (docs/specs/manifest.md); the published schema has the same.</summary>
internal static class ManifestMembers
{
    internal static readonly ImmutableArray<string> Document =
    [
        "culvert", "lineage", "version", "previous", "job", "plan", "epoch", "notBefore", "notAfter", "ownerKey", "brokerKey",
        "allowSimulation", "stages", "platforms", "inputs", "revoked", "update", "signatures",
    ];

    /// <summary>Members of the document that are not there where they say nothing.</summary>
    internal static readonly ImmutableArray<string> MayBeAbsent = ["previous", "inputs"];

    internal static readonly ImmutableArray<string> Stage =
        ["id", "name", "accepted", "edges", "reports", "holdsState", "readsInputs", "writesResult", "activationsMax"];

    internal static readonly ImmutableArray<string> Accepted = ["kind", "values", "description"];
    internal static readonly ImmutableArray<string> Edge = ["id", "dispatchesByKey"];
    internal static readonly ImmutableArray<string> Revoked = ["job", "measurements", "chips"];
    internal static readonly ImmutableArray<string> Update = ["threshold", "signers"];
    internal static readonly ImmutableArray<string> Signer = ["name", "key"];
    internal static readonly ImmutableArray<string> Signature = ["key", "value"];

    private static readonly ImmutableArray<string> s_intel = ["acceptedTcbStatuses", "toleratedAdvisories", "minimumTcbEvaluationDataNumber"];

    private static readonly ImmutableArray<string> s_amd =
        ["minimumSnpTcb", "maximumVmpl", "allowMigrationAgent", "chipIds", "revokedChipIds", "requireAmdRevocations"];

    /// <summary>The members of a policy that mean something for a kind; each may be absent.</summary>
    internal static ImmutableArray<string> Platform(EvidenceKind kind) => kind switch
    {
        EvidenceKind.Sgx => [.. s_intel, "minimumIsvSvn"],
        EvidenceKind.SevSnp or EvidenceKind.AzureSevSnp => s_amd,
        EvidenceKind.AwsNitro => [],
        EvidenceKind.Tpm2 => ["tpmRoots"],
        EvidenceKind.Simulation => ["simulationKeys"],
        _ => s_intel,
    };

    /// <summary>Refuses an object with other members, or without one that it needs.</summary>
    internal static JsonElement Only(this JsonElement from, string what, ImmutableArray<string> members, ImmutableArray<string> mayBeAbsent = default)
    {
        if (from.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException($"{what} is a {from.ValueKind}, not an object");
        }

        foreach (JsonProperty member in from.EnumerateObject())
        {
            if (!members.Contains(member.Name))
            {
                throw new JsonException($"{what} has a member {member.Name}, which is not known here; there are {string.Join(", ", members)}");
            }

            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                throw new JsonException($"{what}: {member.Name} is null");
            }
        }

        foreach (string member in members)
        {
            if ((mayBeAbsent.IsDefault || !mayBeAbsent.Contains(member)) && !from.TryGetProperty(member, out _))
            {
                throw new JsonException($"{what} has no {member}");
            }
        }

        return from;
    }
}
