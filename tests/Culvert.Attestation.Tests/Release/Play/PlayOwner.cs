using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation.Tests.Forge;
using Culvert.Sealing;

namespace Culvert.Attestation.Tests.Release;

/// <summary>
/// An owner with a job of three stages: 0 reads sealed input, 1 keeps state and may be activated twice, 2 writes the result.
/// Enclaves are SGX's of <see cref="IntelForge"/>, SEV-SNP's of <see cref="AmdForge"/>, or simulations.
/// </summary>
internal sealed class PlayOwner : IDisposable
{
    internal static readonly string SgxMeasurement = Repeat(0xE1, 32);
    internal static readonly string SnpMeasurement = Repeat(0x3E, 48);
    internal static readonly byte[] SimulatedMeasurement = [.. Enumerable.Repeat((byte)0x51, 32)];
    internal static readonly PlanDigest Plan = PlanDigest.FromBytes(SHA256.HashData("a plan"u8));

    internal PlayOwner(string job = "delayed-flights")
    {
        Job = job;
        Secret = Secret.Random(SystemEntropy.Instance);
        Signing = SigningKeys.OfOwner(Secret);
    }

    internal string Job { get; }

    internal Secret Secret { get; }

    internal ECDsa Signing { get; }

    internal ECDsa Development { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal byte[] Lineage { get; } = RandomNumberGenerator.GetBytes(16);

    /// <summary>The first version, to be changed by <c>with</c>.</summary>
    internal Manifest First()
    {
        using ECDsa broker = SigningKeys.OfBroker(Secret);
        return new Manifest
        {
            Lineage = [.. Lineage],
            Version = 1,
            Job = Job,
            Plan = Plan,
            Epoch = new KeyEpoch(0),
            NotBefore = CertificateForge.Now.AddDays(-1),
            NotAfter = CertificateForge.Now.AddDays(30),
            OwnerKey = [.. Signing.ExportSubjectPublicKeyInfo()],
            BrokerKey = [.. broker.ExportSubjectPublicKeyInfo()],
            AllowSimulation = true,
            Stages =
            [
                Stage(0) with { Edges = [new StageEdge(new EdgeId(0), true)], ReadsInputs = true },
                Stage(1) with { Edges = [new StageEdge(new EdgeId(0), false), new StageEdge(new EdgeId(1), false)], HoldsState = true, ActivationsMax = 2 },
                Stage(2) with { Edges = [new StageEdge(new EdgeId(1), false)], WritesResult = true },
            ],
            Platforms = ImmutableSortedDictionary.CreateRange<EvidenceKind, VerificationPolicy>(
            [
                new(EvidenceKind.Sgx, new VerificationPolicy()),
                new(EvidenceKind.SevSnp, new VerificationPolicy()),
                new(EvidenceKind.Simulation, new VerificationPolicy { SimulationKeys = [Development.ExportSubjectPublicKeyInfo()] }),
            ]),
        };
    }

    /// <summary>The version after one, in the next key epoch.</summary>
    internal Manifest After(Manifest before) => before with
    {
        Version = before.Version + 1,
        Previous = Signed(before).Digest,
        Epoch = new KeyEpoch(before.Epoch.Value + 1),
    };

    internal SignedManifest Signed(Manifest manifest) => Value(ManifestSigning.Sign(manifest, Signing));

    internal ManifestHistory History(params Manifest[] versions)
    {
        using ECDsa key = SigningKeys.OfOwner(Secret);
        Assert.True(
            ManifestHistory.TryVerify([.. versions.Select(Signed)], key.ExportSubjectPublicKeyInfo(), out ManifestHistory? history, out ManifestRefusal? refusal),
            refusal?.ToString());
        return history;
    }

    internal KeyBrokerCore Broker(IClock clock, VendorRoots? roots = null, IReleaseLog? log = null, KeyBrokerOptions? options = null, ICollateralShelf? shelf = null) =>
        new(Secret, new KeyBrokerPorts(clock, SystemEntropy.Instance, log ?? new MemoryReleaseLog()) { Collateral = shelf }, options ?? new KeyBrokerOptions(), roots ?? VendorRoots.BuiltIn);

    public void Dispose()
    {
        Secret.Dispose();
        Signing.Dispose();
        Development.Dispose();
    }

    internal static T Value<T>(Outcome<T> outcome)
    {
        Assert.Null(outcome.Failure);
        return outcome.Value;
    }

    internal static string Repeat(byte value, int count) => Convert.ToHexStringLower([.. Enumerable.Repeat(value, count)]);

    private static ManifestStage Stage(int id) => new()
    {
        Id = new StageId(id),
        Name = $"stage {id}",
        Accepted =
        [
            Set(EvidenceKind.Sgx, "mrenclave", SgxMeasurement),
            Set(EvidenceKind.SevSnp, "measurement", SnpMeasurement),
            Set(EvidenceKind.Simulation, "measurement", Convert.ToHexStringLower(SimulatedMeasurement)),
        ],
        Edges = [],
        Reports = new EdgeId(100 + id),
        HoldsState = false,
    };

    internal static AcceptedMeasurement Set(EvidenceKind kind, string name, string value) =>
        new(kind, ImmutableSortedDictionary<string, string>.Empty.Add(name, value), "of a test");
}
