namespace Culvert.Attestation;

/// <summary>Names of checks that others refer to; the rest are written where they are made and listed in <c>docs/specs/attestation.md</c>.</summary>
internal static class Checks
{
    internal const string SimulationHardware = "simulation.hardware";
}
