namespace Culvert.Attestation;

/// <summary>Simulation evidence in words.</summary>
internal static class SimulationExplanation
{
    internal static Failure? Explain(Evidence evidence, FieldList fields)
    {
        evidence.TryGet(EvidenceFile.Simulation, out ReadOnlyMemory<byte> bytes);
        Outcome<SimulationEvidence> parsed = SimulationEvidence.Parse(bytes);
        if (!parsed.Succeeded)
        {
            return parsed.Failure;
        }

        fields.Section("simulation");
        fields.Add("measurement", parsed.Value.Measurement.Span, "what would be measured: the hash of the enclave's image");
        fields.Add("report data", parsed.Value.ReportData.Span, "what the simulated enclave bound");
        fields.Add("key", parsed.Value.Point, "the development key that signed; it proves nothing of the machine");
        return null;
    }
}
