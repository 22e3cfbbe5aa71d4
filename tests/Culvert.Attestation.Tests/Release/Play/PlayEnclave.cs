using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation.Tests.Forge;
using Culvert.Sealing;

namespace Culvert.Attestation.Tests.Release;

/// <summary>An enclave with fresh keys, that answers challenges with evidence.</summary>
internal sealed class PlayEnclave : IDisposable
{
    internal static readonly RunId Run = new(7);

    internal HpkePrivateKey Key { get; } = HpkePrivateKey.Generate(SystemEntropy.Instance);

    internal ECDsa Signing { get; } = SigningKeys.Generate(SystemEntropy.Instance);

    /// <summary>What evidence for a challenge binds.</summary>
    internal ReleaseBinding Bind(ReleaseChallenge challenge, string job, params int[] stages) => new()
    {
        Nonce = challenge.Nonce,
        Broker = challenge.Broker,
        Owner = challenge.Owner,
        Manifest = challenge.Manifest,
        Plan = PlayOwner.Plan,
        Job = ReleaseBinding.JobDigest(job),
        Run = Run,
        Inputs = [.. SHA256.HashData([])],
        Epoch = challenge.Epoch,
        Stages = [.. stages.Select(stage => new StageId(stage))],
        ReleaseKey = [.. Key.PublicKey.Bytes],
        SigningKey = [.. Signing.ExportSubjectPublicKeyInfo()],
    };

    /// <summary>Evidence of a simulation.</summary>
    internal static ReleaseRequest Simulated(ReleaseBinding binding, ECDsa development, byte[]? measurement = null) => Of(binding, new()
    {
        ["simulation.bin"] = SimulationEvidence.Create(measurement ?? PlayOwner.SimulatedMeasurement, ReportData(binding), development),
    });

    /// <summary>Evidence of a forged SGX platform.</summary>
    internal static ReleaseRequest Sgx(ReleaseBinding binding, IntelForge forge)
    {
        forge.ReportData = ReportData(binding);
        return Of(binding, forge.Files());
    }

    /// <summary>Evidence of a forged SEV-SNP platform.</summary>
    internal static ReleaseRequest Snp(ReleaseBinding binding, AmdForge forge)
    {
        forge.ReportData = ReportData(binding);
        return Of(binding, forge.Files());
    }

    /// <summary>Opens what was released for a stage; the caller disposes it.</summary>
    internal KeyBundle Open(ReleaseBinding binding, ReleaseAnswer answer, int stage) =>
        PlayOwner.Value(KeyBundleCodec.Open(Key, binding, new StageId(stage), answer.Bundles[new StageId(stage)].AsSpan()));

    public void Dispose()
    {
        Key.Dispose();
        Signing.Dispose();
    }

    private static byte[] ReportData(ReleaseBinding binding) => [.. binding.ReportData(), .. new byte[32]];

    private static ReleaseRequest Of(ReleaseBinding binding, Dictionary<string, ReadOnlyMemory<byte>> files) => new()
    {
        Binding = binding,
        Evidence = files.ToImmutableSortedDictionary(file => file.Key, file => ImmutableArray.Create(file.Value.Span), StringComparer.Ordinal),
    };
}
