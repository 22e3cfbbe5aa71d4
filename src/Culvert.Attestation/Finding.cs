namespace Culvert.Attestation;

/// <summary>
/// A check that did not hold: its stable name (<c>intel.tcb-info.expired</c>), how bad that is, and in words what was
/// found where. Names are listed in <c>docs/specs/attestation.md</c>.
/// </summary>
public sealed record Finding(string Check, AttestationStatus Status, string Message);
