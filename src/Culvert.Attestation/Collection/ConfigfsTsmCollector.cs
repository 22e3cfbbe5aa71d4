using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Attestation;

/// <summary>
/// Linux's interface for TDX and SEV-SNP guests (Documentation/ABI/testing/configfs-tsm-report): a folder is made, the report
/// data go in, the report comes out, and a generation counter tells whether somebody else wrote in between.
/// </summary>
public sealed class ConfigfsTsmCollector(IHostFiles files) : IEvidenceCollector
{
    /// <summary>Where the kernel has it.</summary>
    public const string Folder = "/sys/kernel/config/tsm/report";

    private const int AttemptsMax = 3;
    private const int BlobBytesMax = 64 * 1024;
    private const int WordBytesMax = 64;

    /// <inheritdoc/>
    public string Name => "configfs-tsm (TDX, SEV-SNP)";

    /// <inheritdoc/>
    public string? WhyNot() => files.HasFolder(Folder)
        ? null
        : $"{Folder} is not there: this is no TDX or SEV-SNP guest, its kernel is older than 6.7, or configfs is not mounted";

    /// <inheritdoc/>
    public Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> Collect(ReadOnlySpan<byte> reportData)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(reportData.Length, IEvidenceCollector.ReportDataBytes);
        if (WhyNot() is { } why)
        {
            return new Failure(FailureKind.Missing, why);
        }

        // A name of its own for each request, so that two never share a folder.
        string entry = $"{Folder}/culvert-{Convert.ToHexStringLower(SHA256.HashData(reportData).AsSpan(0, 8))}";
        Outcome<bool> made = files.MakeFolder(entry);
        if (!made.Succeeded)
        {
            return made.Failure;
        }

        try
        {
            return CollectFrom(entry, reportData);
        }
        finally
        {
            files.RemoveFolder(entry);
        }
    }

    private Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> CollectFrom(string entry, ReadOnlySpan<byte> reportData)
    {
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            Outcome<long> before = Generation(entry);
            Outcome<bool> written = before.Succeeded ? files.Write($"{entry}/inblob", reportData) : before.Failure;
            Outcome<byte[]> report = written.Succeeded ? files.Read($"{entry}/outblob", BlobBytesMax) : written.Failure;
            Outcome<long> after = report.Succeeded ? Generation(entry) : report.Failure;
            if (!after.Succeeded)
            {
                return after.Failure;
            }

            if (after.Value == before.Value + 1)
            {
                return FilesOf(entry, report.Value);
            }
        }

        return new Failure(FailureKind.Integrity, $"{entry}: somebody else writes to it; {AttemptsMax} attempts were disturbed");
    }

    private Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> FilesOf(string entry, byte[] report)
    {
        Outcome<string> provider = Word($"{entry}/provider");
        if (!provider.Succeeded)
        {
            return provider.Failure;
        }

        switch (provider.Value)
        {
            case "tdx_guest":
                return new Dictionary<string, ReadOnlyMemory<byte>> { [EvidenceFile.IntelQuote] = report };
            case "sev_guest":
                Dictionary<string, ReadOnlyMemory<byte>> evidence = new() { [EvidenceFile.SnpReport] = report };

                // Hosts may hand over certificates; without them the caller fetches the chip's from AMD.
                Outcome<byte[]> table = files.HasFile($"{entry}/auxblob") ? files.Read($"{entry}/auxblob", BlobBytesMax) : Array.Empty<byte>();
                if (table.Succeeded)
                {
                    SnpCertificateTable.AddTo(evidence, table.Value);
                }

                return evidence;
            default:
                return new Failure(FailureKind.Mismatch, $"{entry}: the provider {provider.Value} is not known; tdx_guest and sev_guest are");
        }
    }

    private Outcome<long> Generation(string entry)
    {
        Outcome<string> word = Word($"{entry}/generation");
        return !word.Succeeded ? word.Failure
            : long.TryParse(word.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long generation) ? generation
            : new Failure(FailureKind.Malformed, $"{entry}/generation: {word.Value} is no number");
    }

    private Outcome<string> Word(string path)
    {
        Outcome<byte[]> content = files.Read(path, WordBytesMax);
        return content.Succeeded ? Encoding.ASCII.GetString(content.Value).Trim() : content.Failure;
    }
}
