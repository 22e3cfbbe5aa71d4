namespace Culvert.Attestation;

/// <summary>One way to get evidence from the machine that this code runs on.</summary>
public interface IEvidenceCollector
{
    /// <summary>Bytes of report data that every collector takes.</summary>
    const int ReportDataBytes = 64;

    /// <summary>What it is, for people: <c>configfs-tsm (TDX, SEV-SNP)</c>.</summary>
    string Name { get; }

    /// <summary>Null when it can collect here; otherwise why it cannot.</summary>
    string? WhyNot();

    /// <summary>
    /// Collects evidence that binds 64 bytes, as files by name, laid out as verifiers read them. Slow: hardware is asked.
    /// </summary>
    Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> Collect(ReadOnlySpan<byte> reportData);
}
