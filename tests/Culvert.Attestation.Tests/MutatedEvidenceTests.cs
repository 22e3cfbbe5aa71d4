using System.Text.Json;

namespace Culvert.Attestation.Tests;

/// <summary>Seeded mutations of real evidence: refused with a verdict, never by an exception, and never affirmed.</summary>
public class MutatedEvidenceTests
{
    private const ulong Seed = 20250601;

    /// <summary>For each file, so that each kind gets a million or more.</summary>
    private const int NightlyMutations = 500_000;

    public static TheoryData<string, string, string> Files => new()
    {
        { "intel-tdx-v5-a", "quote.bin", "2025-07-01" },
        { "intel-tdx-v5-a", "collateral.json", "2025-07-01" },
        { "intel-tdx-v4-a", "quote.bin", "2025-07-01" },
        { "intel-sgx-v3-a", "quote.bin", "2025-07-01" },
        { "intel-sgx-v3-a", "collateral.json", "2025-07-01" },
        { "amd-snp-milan-v3-vlek", "report.bin", "2025-06-01" },
        { "amd-snp-milan-v3-vlek", "vlek.der", "2025-06-01" },
        { "amd-snp-milan-v5-gcp", "report.bin", "2026-06-01" },
        { "amd-snp-milan-v5-gcp", "vcek.der", "2026-06-01" },
        { "azure-snp-milan-v3-vtpm", "hcl-report.bin", "2025-06-01" },
        { "azure-snp-milan-v3-vtpm", "tpm-quote.attest.bin", "2025-06-01" },
        { "azure-snp-milan-v3-vtpm", "pcrs-sha256.json", "2025-06-01" },
        { "aws-nitro-a", "attestation.cbor", "2021-03-17T23:00:00Z" },
        { "aws-nitro-b-public-key", "attestation.cbor", "2021-03-24T17:00:00Z" },
        { "tpm2-gce-b-nonce", "quote-sha256.attest.bin", "2025-06-01" },
        { "tpm2-gce-b-nonce", "quote-sha256.tpmt-signature.bin", "2025-06-01" },
        { "tpm2-gce-b-nonce", "ak-certificate.der", "2025-06-01" },
        { "tpm2-gce-b-nonce", "ak-public.tpmt-public.bin", "2025-06-01" },
        { "tpm2-gce-b-nonce", "event-log.bin", "2025-06-01" },
        { "tpm2-gce-b-nonce", "pcrs-sha256.json", "2025-06-01" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_mutation_is_refused_and_nothing_is_thrown(string sample, string file, string at)
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Samples.Files(sample);
        byte[] original = files[file].ToArray();
        Mutation mutation = new(Seed);
        for (int i = 0; i < Nightly.Count(250, NightlyMutations); i++)
        {
            byte[] mutated = mutation.Of(original);
            if (IsPadding(original, mutated) || (file.EndsWith(".json", StringComparison.Ordinal) && SaysTheSame(original, mutated)))
            {
                continue;
            }

            files[file] = mutated;
            Outcome<Evidence> evidence = Evidence.Detect(files);
            AttestationStatus status = evidence.Succeeded
                ? Verifier.Verify(evidence.Value, Collateral.None, Samples.Time(at)).Status
                : AttestationStatus.None;

            Assert.True(status != AttestationStatus.Affirming, $"{Nightly.Seed(Seed)}, mutation {i} of {sample}/{file} is affirmed: {Convert.ToHexString(mutated)}");
            Evidence.Detect(mutated);
            if (evidence.Succeeded)
            {
                EvidenceExplanation.Of(evidence.Value);
            }
        }
    }

    /// <summary>Nothing but bytes that nobody reads was altered: behind a quote's end, or zeros at an end.</summary>
    private static bool IsPadding(byte[] original, byte[] mutated) =>
        mutated.AsSpan().StartsWith(original)
        || mutated.AsSpan().TrimEnd((byte)0).SequenceEqual(original.AsSpan().TrimEnd((byte)0))
        || (IntelQuote.Parse(original) is { Succeeded: true } quote && mutated.AsSpan().StartsWith(original.AsSpan(0, quote.Value.BytesUsed)));

    /// <summary>Nothing but white space between the members of a JSON document was altered.</summary>
    private static bool SaysTheSame(byte[] original, byte[] mutated)
    {
        try
        {
            using JsonDocument before = JsonDocument.Parse(original);
            using JsonDocument after = JsonDocument.Parse(mutated);
            return JsonElement.DeepEquals(before.RootElement, after.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [Fact]
    public void Bytes_of_chance_are_of_no_kind_or_refused()
    {
        Mutation mutation = new(Seed);
        for (int i = 0; i < Nightly.Count(5_000, 1_000_000); i++)
        {
            Outcome<Evidence> evidence = Evidence.Detect(mutation.OfNothing());
            if (evidence.Succeeded)
            {
                AttestationVerdict verdict = Verifier.Verify(evidence.Value, Collateral.None, Samples.Time("2025-06-01"));
                Assert.NotEqual(AttestationStatus.Affirming, verdict.Status);
            }
        }
    }
}
