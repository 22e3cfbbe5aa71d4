using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Engine;
using Culvert.Sealing;

namespace Culvert.Cli.Tests.Broker;

/// <summary>An owner with a key file, and manifests of a job with two stages for simulations.</summary>
internal sealed class BrokerOwner : IDisposable
{
    internal const string Job = "a-job";

    internal static readonly PlanDigest Plan = PlanDigest.FromBytes(SHA256.HashData("plan"u8));
    internal static readonly byte[] Measurement = SHA256.HashData("code"u8);

    private readonly Secret _secret;

    internal BrokerOwner(string keyPath) => _secret = OwnerKeys.Open(keyPath, null, TextWriter.Null);

    internal ECDsa Development { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private byte[] Lineage { get; } = RandomNumberGenerator.GetBytes(Manifest.LineageBytes);

    internal Manifest First(int activationsMax)
    {
        using ECDsa owner = SigningKeys.OfOwner(_secret);
        using ECDsa broker = SigningKeys.OfBroker(_secret);
        AcceptedMeasurement accepted = new(EvidenceKind.Simulation, ImmutableSortedDictionary<string, string>.Empty.Add("measurement", Convert.ToHexStringLower(Measurement)), "test");
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        ManifestStage StageOf(int id) => new()
        {
            Id = new StageId(id),
            Name = $"stage {id}",
            Accepted = [accepted],
            Edges = [new StageEdge(new EdgeId(0), id == 0)],
            Reports = new EdgeId(10 + id),
            HoldsState = false,
            ActivationsMax = id == 1 ? activationsMax : 0,
        };
        return new Manifest
        {
            Lineage = [.. Lineage],
            Version = 1,
            Job = Job,
            Plan = Plan,
            Epoch = new KeyEpoch(0),
            NotBefore = now.AddHours(-1),
            NotAfter = now.AddDays(1),
            OwnerKey = [.. owner.ExportSubjectPublicKeyInfo()],
            BrokerKey = [.. broker.ExportSubjectPublicKeyInfo()],
            AllowSimulation = true,
            Stages = [StageOf(0), StageOf(1)],
            Platforms = ImmutableSortedDictionary<EvidenceKind, VerificationPolicy>.Empty.Add(
                EvidenceKind.Simulation, new VerificationPolicy { SimulationKeys = [Development.ExportSubjectPublicKeyInfo()] }),
        };
    }

    internal Manifest After(Manifest before) => before with
    {
        Version = before.Version + 1,
        Previous = Signed(before).Digest,
        Epoch = new KeyEpoch(before.Epoch.Value + 1),
    };

    internal SignedManifest Signed(Manifest manifest)
    {
        using ECDsa owner = SigningKeys.OfOwner(_secret);
        return ManifestSigning.Sign(manifest, owner).Value;
    }

    public void Dispose()
    {
        _secret.Dispose();
        Development.Dispose();
    }
}
