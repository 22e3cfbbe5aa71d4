using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Engine;

namespace Culvert.Cli.Commands.Manifests;

/// <summary>A plan that a manifest is to be of, from a job file or from a job program's draft.</summary>
/// <param name="Keys">Which keys its stages need.</param>
/// <param name="Inputs">The sealed files that it may read; null: any.</param>
/// <param name="Draft">The draft; null for a job file.</param>
internal sealed record ManifestPlan(PlanKeys Keys, ImmutableArray<StreamId>? Inputs, Manifest? Draft)
{
    /// <summary>The code that is accepted where nobody names any: the program that wrote the draft, or this one.</summary>
    internal ImmutableArray<AcceptedMeasurement> Measured => Draft is { } draft ? draft.Stages[0].Accepted : [ManifestImages.OfThisProgram()];

    /// <summary>What machines have to fulfil before anybody says more.</summary>
    internal ImmutableSortedDictionary<EvidenceKind, VerificationPolicy> Platforms =>
        Draft?.Platforms ?? ImmutableSortedDictionary<EvidenceKind, VerificationPolicy>.Empty;
}
