using System.Globalization;

namespace Culvert.Attestation.Tests;

/// <summary>
/// Each byte of real, affirmed evidence and of its collateral is altered in turn: nothing may be affirmed, but for bytes that
/// nothing authenticates, and those are listed here. Every run leaps over some bytes of the slow ones; at night none is left out.
/// </summary>
public class FlippedByteTests
{
    /// <summary>
    /// Unauthenticated: what follows a quote's signature data. Machines deliver padding of any content and length there (its
    /// length is not stated anywhere), and no verifier reads it.
    /// </summary>
    private static readonly Dictionary<(string Sample, string File), Range> s_unauthenticated = new()
    {
        [("intel-tdx-v4-a", "quote.bin")] = 4936..5006,
    };

    [Theory]
    [InlineData("intel-tdx-v4-a", "quote.bin", "2025-07-01", 17)]
    [InlineData("intel-tdx-v4-a", "collateral.json", "2025-07-01", 37)]
    [InlineData("intel-tdx-v5-a", "quote.bin", "2025-07-01", 3)]
    [InlineData("intel-tdx-v5-a", "collateral.json", "2025-07-01", 17)]
    [InlineData("amd-snp-milan-v2-b", "report.bin", "2025-06-01", 5)]
    [InlineData("amd-snp-milan-v2-b", "vcek.der", "2025-06-01", 5)]
    [InlineData("amd-snp-milan-v3-vlek", "report.bin", "2025-06-01", 5)]
    [InlineData("amd-snp-milan-v3-vlek", "vlek.der", "2025-06-01", 5)]
    [InlineData("amd-snp-milan-v5-gcp", "report.bin", "2026-06-01", 1)]
    [InlineData("amd-snp-milan-v5-gcp", "vcek.der", "2026-06-01", 3)]
    [InlineData("aws-nitro-a", "attestation.cbor", "2021-03-17T23:00:00Z", 3)]
    [InlineData("aws-nitro-b-public-key", "attestation.cbor", "2021-03-24T17:00:00Z", 19)]
    [InlineData("azure-snp-milan-v3-vtpm", "hcl-report.bin", "2025-06-01", 3)]
    [InlineData("azure-snp-milan-v3-vtpm", "tpm-quote.attest.bin", "2025-06-01", 1)]
    [InlineData("azure-snp-milan-v3-vtpm", "tpm-quote.sig-rsassa-sha256.bin", "2025-06-01", 1)]
    [InlineData("azure-snp-milan-v3-vtpm", "pcrs-sha256.json", "2025-06-01", 5)]
    [InlineData("azure-snp-milan-v3-vtpm", "vcek.der", "2025-06-01", 11)]
    [InlineData("azure-snp-milan-v3-vtpm", "report.bin", "2025-06-01", 11)]
    [InlineData("azure-snp-milan-v3-vtpm", "runtime-data.json", "2025-06-01", 11)]
    [InlineData("azure-snp-milan-v3-vtpm", "ak-public.spki.der", "2025-06-01", 1)]
    public void An_altered_byte_is_never_affirmed(string sample, string file, string at, int everyRunStride)
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Samples.Files(sample);
        byte[] original = files[file].ToArray();
        (int from, int length) = s_unauthenticated.GetValueOrDefault((sample, file), 0..0).GetOffsetAndLength(original.Length);
        Assert.Equal(AttestationStatus.Affirming, Samples.Verify(files, at).Status);

        List<string> affirmed = [];
        for (int i = 0; i < original.Length; i += Nightly.Count(everyRunStride, 1))
        {
            foreach (byte mask in Masks(i))
            {
                byte[] altered = [.. original];
                altered[i] ^= mask;
                files[file] = altered;
                if (IsAffirmed(files, at) != (i >= from && i < from + length))
                {
                    affirmed.Add(string.Create(CultureInfo.InvariantCulture, $"{i:x}^{mask:x2}"));
                }
            }
        }

        Assert.Empty(affirmed);
    }

    /// <summary>One bit, another for each byte; at night every bit and all of them.</summary>
    private static byte[] Masks(int index) =>
        Nightly.IsOn ? [1, 2, 4, 8, 16, 32, 64, 128, 255] : [(byte)(1 << (index % 8))];

    private static bool IsAffirmed(Dictionary<string, ReadOnlyMemory<byte>> files, string at)
    {
        Outcome<Evidence> evidence = Evidence.Detect(files);
        return evidence.Succeeded && Verifier.Verify(evidence.Value, Collateral.None, Samples.Time(at)).Status == AttestationStatus.Affirming;
    }
}
