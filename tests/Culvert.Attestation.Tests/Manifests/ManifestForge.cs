using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Culvert.Attestation.Tests.Manifests;

/// <summary>A manifest of a job with one stage, its owner, and others who sign.</summary>
internal sealed class ManifestForge : IDisposable
{
    internal static readonly DateTimeOffset From = new(2026, 1, 31, 0, 0, 0, TimeSpan.Zero);

    internal ECDsa Owner { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal ECDsa Ann { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal ECDsa Bob { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal ECDsa Cy { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal byte[] OwnerKey => Owner.ExportSubjectPublicKeyInfo();

    /// <summary>Two of ann, bob and cy sign.</summary>
    internal UpdateRule TwoOfThree => new(2, [new("ann", KeyOf(Ann)), new("bob", KeyOf(Bob)), new("cy", KeyOf(Cy))]);

    internal Manifest First() => new()
    {
        Lineage = [.. new byte[Manifest.LineageBytes]],
        Version = 1,
        Job = "flights",
        Plan = new PlanDigest(1, 2),
        Epoch = new KeyEpoch(0),
        NotBefore = From,
        NotAfter = From.AddYears(1),
        OwnerKey = KeyOf(Owner),
        BrokerKey = KeyOf(Owner),
        Stages =
        [
            new ManifestStage
            {
                Id = new StageId(0),
                Name = "delayed",
                Accepted = [new AcceptedMeasurement(EvidenceKind.Sgx, Values(("mrenclave", new string('4', 64))), "")],
                Edges = [new StageEdge(new EdgeId(0), true)],
                Reports = new EdgeId(1),
                HoldsState = true,
            },
        ],
        Platforms = ImmutableSortedDictionary<EvidenceKind, VerificationPolicy>.Empty.Add(EvidenceKind.Sgx, VerificationPolicy.None),
    };

    internal SignedManifest Sign(Manifest manifest, params ECDsa[] keys)
    {
        SignedManifest signed = ManifestDocument.Of(manifest).Value;
        return keys.Aggregate(signed, ManifestSigning.Add);
    }

    /// <summary>The version after another, changed, unsigned.</summary>
    internal static Manifest Next(SignedManifest before, Func<Manifest, Manifest>? change = null)
    {
        Manifest next = before.Manifest with
        {
            Version = before.Manifest.Version + 1,
            Previous = before.Digest,
            Epoch = new KeyEpoch(before.Manifest.Epoch.Value + 1),
        };
        return change?.Invoke(next) ?? next;
    }

    internal static ImmutableSortedDictionary<string, string> Values(params (string Name, string Value)[] values) =>
        values.ToImmutableSortedDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal);

    internal static ImmutableArray<byte> KeyOf(ECDsa key) => [.. key.ExportSubjectPublicKeyInfo()];

    public void Dispose()
    {
        Owner.Dispose();
        Ann.Dispose();
        Bob.Dispose();
        Cy.Dispose();
    }
}
