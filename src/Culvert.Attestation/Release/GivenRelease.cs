namespace Culvert.Attestation;

/// <summary>
/// A release that was given, as whoever carried it remembers it, to be gone over when the manifest has a later version: would
/// the same enclave be given keys still? Immutable.
/// </summary>
/// <param name="Request">What was asked for, with the evidence.</param>
/// <param name="At">When it was given: evidence and collateral are of that time, and are not asked to be of a later one.</param>
public sealed record GivenRelease(ReleaseRequest Request, DateTimeOffset At)
{
    /// <summary>
    /// What a version of the manifest, whose history has been verified, has against what runs under this release; null when it
    /// would release the same keys still. How often keys were released before does not count.
    /// </summary>
    /// <param name="current">The manifest that is in force.</param>
    /// <param name="now">The time, for the manifest's own limits.</param>
    public ReleaseRefusal? Review(SignedManifest current, DateTimeOffset now) =>
        ReleaseDecision.Again(current.Manifest, Request, now)
        ?? ReleaseVerification.Of(current.Manifest, Request, At, VendorRoots.BuiltIn, _ => 0).Refusal;
}
