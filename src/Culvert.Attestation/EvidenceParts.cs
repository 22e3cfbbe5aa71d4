namespace Culvert.Attestation;

/// <summary>What a verifier reads: the evidence's own files, and collateral, where what the caller gave goes before what came along.</summary>
internal sealed record EvidenceParts(Evidence Evidence, Collateral Collateral)
{
    internal bool TryEvidence(string name, out ReadOnlyMemory<byte> content) => Evidence.TryGet(name, out content);

    internal bool TryCollateral(string name, out ReadOnlyMemory<byte> content) =>
        Collateral.TryGet(name, out content) || Evidence.TryGet(name, out content);

    /// <summary>A file that has to be there; writes down what is missing when it is not.</summary>
    internal bool TryNeed(string name, string check, Assessment assessment, out ReadOnlyMemory<byte> content)
    {
        if (TryCollateral(name, out content))
        {
            return true;
        }

        assessment.Find(check, AttestationStatus.None, $"{name} is missing; give it beside the evidence or as collateral");
        return false;
    }
}
