using System.Globalization;

namespace Culvert.Attestation.Tests;

/// <summary>
/// Every file of every real sample, affirmed or not: a single altered bit changes what is found, but for bytes that nothing
/// authenticates. Every run takes some bytes; at night none is left out.
/// </summary>
public class EverySampleTests
{
    /// <summary>
    /// Unauthenticated: padding behind a quote. Events' own words
    /// are in no digest that firmware logs; certificates that are not the report's are not looked at; the authority of the TPM's
    /// certificate is not at hand.
    /// </summary>
    private static readonly Dictionary<(string Sample, string File), int> s_authenticatedBytes = new()
    {
        [("intel-tdx-v4-a", "quote.bin")] = 4936,
        [("intel-tdx-v4-b-outofdate-padded", "quote.bin")] = 4935,
        [("intel-tdx-v4-d-2023-nolevel", "quote.bin")] = 4935,
        [("tpm2-gce-b-nonce", "event-log.bin")] = 0,
        [("tpm2-gce-b-nonce", "ak-certificate.der")] = 0,
        [("amd-snp-milan-v2-b", "negative-vcek-legacy.der")] = 0,
        [("amd-snp-milan-v2-b", "negative-vcek-new.der")] = 0,
    };

    [Theory]
    [InlineData("intel-sgx-v3-a", "2025-07-01")]
    [InlineData("intel-sgx-v3-b-debug", "2025-07-01")]
    [InlineData("intel-sgx-v3-c-outofdate-debug", "2025-08-20")]
    [InlineData("intel-sgx-v3-quote-only", "2025-07-01")]
    [InlineData("intel-tdx-v4-a", "2025-07-01")]
    [InlineData("intel-tdx-v4-b-outofdate-padded", "2025-11-01")]
    [InlineData("intel-tdx-v4-c-2023-debug", "2023-07-01")]
    [InlineData("intel-tdx-v4-d-2023-nolevel", "2023-07-01")]
    [InlineData("intel-tdx-v4-quote-only", "2025-07-01")]
    [InlineData("intel-tdx-v5-a", "2025-07-01")]
    [InlineData("intel-tdx-v5-b-nolevel", "2026-03-01")]
    [InlineData("amd-snp-milan-v2-a-debug", "2025-06-01")]
    [InlineData("amd-snp-milan-v2-b", "2025-06-01")]
    [InlineData("amd-snp-milan-v3-vlek", "2025-06-01")]
    [InlineData("amd-snp-milan-v5-gcp", "2026-06-01")]
    [InlineData("azure-snp-milan-v3-vtpm", "2025-06-01")]
    [InlineData("aws-nitro-a", "2021-03-17T23:00:00Z")]
    [InlineData("aws-nitro-b-public-key", "2021-03-24T17:00:00Z")]
    [InlineData("aws-nitro-c-debug-mode", "2024-01-24T19:00:00Z")]
    [InlineData("tpm2-a", "2025-06-01")]
    [InlineData("tpm2-gce-b-nonce", "2025-06-01")]
    public void An_altered_bit_is_noticed(string sample, string at)
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Samples.Files(sample);
        string unaltered = Checks(files, at);
        List<string> unnoticed = [];
        foreach ((string name, ReadOnlyMemory<byte> original) in files.ToArray())
        {
            int authenticated = s_authenticatedBytes.GetValueOrDefault((sample, name), original.Length);
            for (int i = 0; i < authenticated; i += Nightly.Count(151, 1))
            {
                byte[] altered = original.ToArray();
                altered[i] ^= (byte)(1 << (i % 8));
                files[name] = altered;
                if (Checks(files, at) == unaltered)
                {
                    unnoticed.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {i:x}"));
                }
            }

            files[name] = original;
        }

        Assert.Empty(unnoticed);
    }

    /// <summary>What did not hold, in order; nothing for what is affirmed.</summary>
    private static string Checks(Dictionary<string, ReadOnlyMemory<byte>> files, string at)
    {
        Outcome<Evidence> evidence = Evidence.Detect(files);
        return evidence.Succeeded
            ? string.Join(' ', Verifier.Verify(evidence.Value, Collateral.None, Samples.Time(at)).Findings.Select(finding => finding.Check))
            : "evidence.format";
    }
}
