using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>What a manifest demands of evidence, in a verifier's words, and what is left to compare when the verifier has spoken.</summary>
internal static class ReleasePolicy
{
    /// <summary>Bytes of AMD's chip ids; the verifier looks for those itself.</summary>
    private const int AmdChipDigits = 2 * 64;

    /// <summary>
    /// The platform's policy with what the release adds: the report data, and for each name of the kind's measured set the values
    /// that occur in an accepted set. That they are of one set is compared afterwards (<see cref="IsAccepted"/>).
    /// </summary>
    internal static VerificationPolicy Of(Manifest manifest, IEnumerable<ManifestStage> stages, EvidenceKind kind, byte[] reportData)
    {
        ImmutableArray<AcceptedMeasurement> accepted = [.. stages.SelectMany(stage => stage.Accepted).Where(set => set.Kind == kind)];
        VerificationPolicy platform = manifest.Platforms[kind];
        return platform with
        {
            Kinds = [kind],
            ReportData = [.. reportData],
            Measurements = WorkloadAppraisal.MeasuredSet(kind).ToImmutableSortedDictionary(
                name => name,
                name => accepted.Select(set => set.Values.GetValueOrDefault(name)).OfType<string>().Distinct().ToImmutableArray(),
                StringComparer.Ordinal),
            RevokedChipIds = platform.RevokedChipIds.AddRange(manifest.Revoked.Chips.Where(chip => chip.Length == AmdChipDigits)),
        };
    }

    /// <summary>Whether the evidence states exactly one of a stage's accepted sets, all of it.</summary>
    internal static bool IsAccepted(ManifestStage stage, AttestationVerdict verdict) => stage.Accepted.Any(set =>
        set.Kind == verdict.Kind && WorkloadAppraisal.MeasuredSet(verdict.Kind).All(name =>
            set.Values.TryGetValue(name, out string? value) && verdict.Measurements.TryGetValue(name, out string? found) && value == found));

    /// <summary>
    /// Why a chip gets no keys; null when nothing is against it. Evidence that names no chip is refused where chips of its sort
    /// are taken back. AMD's chips are the verifier's to compare.
    /// </summary>
    internal static string? RevokedChip(Manifest manifest, AttestationVerdict verdict)
    {
        (string name, int digits) = verdict.Kind switch
        {
            EvidenceKind.Sgx or EvidenceKind.Tdx or EvidenceKind.AzureTdx => ("ppid", 32),
            EvidenceKind.Tpm2 => ("tpmkey", 64),
            _ => ("", 0),
        };
        ImmutableArray<string> revoked = [.. manifest.Revoked.Chips.Where(chip => chip.Length == digits)];
        return revoked.IsEmpty ? null
            : !verdict.Measurements.TryGetValue(name, out string? chip) ? "the evidence names no chip, and some are taken back by the manifest"
            : revoked.Contains(chip, StringComparer.Ordinal) ? $"the chip {chip} is taken back by the manifest"
            : null;
    }
}
