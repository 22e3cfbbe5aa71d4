using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// A TPM quotes all its SHA-256 registers, by tpm2-tools, with an attestation key that is already in it. With
/// <paramref name="transport"/>, a TCTI such as <c>swtpm:path=/run/tpm</c>, it is the TPM there; otherwise the machine's.
/// </summary>
public sealed class TpmToolsCollector(IHostFiles files, IHostTools tools, string? transport = null, string keyHandle = TpmToolsCollector.DefaultKeyHandle) : IEvidenceCollector
{
    /// <summary>Where Azure's VMs keep their attestation key, and what a machine's owner may use as well.</summary>
    public const string DefaultKeyHandle = "0x81000003";

    private const string Device = "/dev/tpmrm0";
    private const string LogFile = "/sys/kernel/security/tpm0/binary_bios_measurements";
    private const int LogBytesMax = 1024 * 1024;
    private const int NonceBytes = 32;
    private const int Registers = 24;

    /// <inheritdoc/>
    public string Name => "tpm2-tools (TPM 2.0)";

    /// <inheritdoc/>
    public string? WhyNot() =>
        transport is null && !files.HasFile(Device) ? $"{Device} is not there: this machine has no TPM, or its kernel has no driver for it"
        : !tools.Has("tpm2_quote") ? "tpm2_quote is not installed: install tpm2-tools"
        : null;

    /// <summary>
    /// Collects a quote. A TPM's nonce has 32 bytes, so the second half of the report data has to be zero, as it is where they
    /// are one hash.
    /// </summary>
    public Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> Collect(ReadOnlySpan<byte> reportData)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(reportData.Length, IEvidenceCollector.ReportDataBytes);
        if (WhyNot() is { } why)
        {
            return new Failure(FailureKind.Missing, why);
        }

        if (reportData[NonceBytes..].ContainsAnyExcept((byte)0))
        {
            return new Failure(FailureKind.TooLarge, $"a TPM binds {NonceBytes} bytes; the rest of the report data has to be zero");
        }

        string nonce = Convert.ToHexStringLower(reportData[..NonceBytes]);
        Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> quote = Run(
            "tpm2_quote",
            ["-c", keyHandle, "-l", "sha256:all", "-g", "sha256", "-q", nonce, "-m", "attest", "-s", "signature", "-f", "tss"],
            ["attest", "signature"]);
        Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> key = quote.Succeeded ? Run("tpm2_readpublic", ["-c", keyHandle, "-f", "tpmt", "-o", "public"], ["public"]) : quote;
        Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> values = key.Succeeded ? Run("tpm2_pcrread", ["sha256:all", "-o", "registers"], ["registers"]) : key;
        if (!values.Succeeded)
        {
            return values.Failure;
        }

        int size = PcrValues.SizeOf(TpmHash.Sha256);
        ReadOnlyMemory<byte> registers = values.Value["registers"];
        if (registers.Length != Registers * size)
        {
            return new Failure(FailureKind.Malformed, $"tpm2_pcrread gave {registers.Length} bytes for {Registers} registers of {size}");
        }

        Dictionary<string, ReadOnlyMemory<byte>> evidence = new()
        {
            [EvidenceFile.TpmAttest] = quote.Value["attest"],
            ["quote.tpmt-signature.bin"] = quote.Value["signature"],
            [EvidenceFile.TpmAkPublic] = key.Value["public"],
            ["pcrs-sha256.json"] = JsonSerializer.SerializeToUtf8Bytes(
                Enumerable.Range(0, Registers).Select(index => Convert.ToHexStringLower(registers.Span.Slice(index * size, size)))),
        };

        // The kernel's log is of the machine's own TPM.
        if (transport is null && files.HasFile(LogFile) && files.Read(LogFile, LogBytesMax) is { Succeeded: true } log)
        {
            evidence[EvidenceFile.TpmEventLog] = log.Value;
        }

        return evidence;
    }

    private Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> Run(string program, IEnumerable<string> arguments, IReadOnlyList<string> outputs) =>
        tools.Run(program, transport is null ? [.. arguments] : [.. arguments, "-T", transport], outputs);
}
