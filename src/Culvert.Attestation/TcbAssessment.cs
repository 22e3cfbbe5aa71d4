using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>
/// How current the platform's firmware is. <see cref="Status"/> is the vendor's word for the whole (Intel: <c>UpToDate</c>,
/// <c>SWHardeningNeeded</c> and so on, or <c>NotSupported</c> when no level matches; AMD: <c>MatchesCertificate</c>; otherwise
/// <c>NotApplicable</c> or <c>Unknown</c>).
/// </summary>
public sealed record TcbAssessment(string Status, ImmutableArray<string> AdvisoryIds)
{
    /// <summary>Nothing is known.</summary>
    public static TcbAssessment Unknown { get; } = new("Unknown", []);

    /// <summary>The parts that the status was made of, such as <c>platform</c>, <c>tdxModule</c>, <c>qe</c>; by name.</summary>
    public ImmutableSortedDictionary<string, string> Parts { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The number of Intel's TCB recovery that the collateral speaks for; null elsewhere.</summary>
    public int? EvaluationDataNumber { get; init; }

    /// <summary>When the matched level was published; null when there is none.</summary>
    public DateTimeOffset? Date { get; init; }
}
