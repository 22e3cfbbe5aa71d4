using System.Text;

namespace Culvert.Attestation;

/// <summary>An SGX enclave under Gramine asks for its own quote (Gramine documentation, "Attestation and secret provisioning").</summary>
public sealed class GramineCollector(IHostFiles files) : IEvidenceCollector
{
    /// <summary>Where Gramine has it, inside the enclave.</summary>
    public const string Folder = "/dev/attestation";

    private const int WordBytesMax = 64;

    /// <inheritdoc/>
    public string Name => "Gramine (SGX)";

    /// <inheritdoc/>
    public string? WhyNot()
    {
        if (!files.HasFile($"{Folder}/attestation_type"))
        {
            return $"{Folder} is not there: this process runs in no enclave of Gramine's";
        }

        Outcome<byte[]> type = files.Read($"{Folder}/attestation_type", WordBytesMax);
        string word = type.Succeeded ? Encoding.ASCII.GetString(type.Value).Trim() : type.Failure.Message;
        return word == "dcap" ? null : $"{Folder}/attestation_type says {word}; the manifest needs sgx.remote_attestation = \"dcap\"";
    }

    /// <inheritdoc/>
    public Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> Collect(ReadOnlySpan<byte> reportData)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(reportData.Length, IEvidenceCollector.ReportDataBytes);
        if (WhyNot() is { } why)
        {
            return new Failure(FailureKind.Missing, why);
        }

        Outcome<bool> written = files.Write($"{Folder}/user_report_data", reportData);
        Outcome<byte[]> quote = written.Succeeded ? files.Read($"{Folder}/quote", IntelQuote.BytesMax) : written.Failure;
        if (!quote.Succeeded)
        {
            return quote.Failure;
        }

        // The pair of files is shared by all threads of the enclave: another may have written in between.
        Outcome<IntelQuote> parsed = IntelQuote.Parse(quote.Value);
        return parsed.Succeeded && parsed.Value.Enclave is { } enclave && enclave.ReportData.SequenceEqual(reportData)
            ? new Dictionary<string, ReadOnlyMemory<byte>> { [EvidenceFile.IntelQuote] = quote.Value }
            : new Failure(FailureKind.Integrity, $"{Folder}/quote does not bind what was written: {parsed.Failure?.Message ?? "another thread asked for a quote at the same time"}");
    }
}
