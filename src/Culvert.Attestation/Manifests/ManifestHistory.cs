using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Culvert.Attestation;

/// <summary>All versions of a manifest, each authorised by the one before and the first by the owner. Immutable: what is here has been verified.</summary>
public sealed class ManifestHistory
{
    private ManifestHistory(ImmutableArray<SignedManifest> versions) => Versions = versions;

    /// <summary>The versions, from 1 on; never empty.</summary>
    public ImmutableArray<SignedManifest> Versions { get; }

    /// <summary>The newest version.</summary>
    public SignedManifest Current => Versions[^1];

    /// <summary>Verifies a chain of versions, from 1 on; that the newest one's time is now is another question.</summary>
    /// <param name="versions">As <see cref="ManifestDocument.Read"/> gave them.</param>
    /// <param name="ownerKey">The owner's public signing key, from elsewhere than the manifest: SubjectPublicKeyInfo.</param>
    /// <param name="history">The history, if it holds.</param>
    /// <param name="refusal">Why not, otherwise.</param>
    public static bool TryVerify(
        ImmutableArray<SignedManifest> versions,
        ReadOnlySpan<byte> ownerKey,
        [NotNullWhen(true)] out ManifestHistory? history,
        [NotNullWhen(false)] out ManifestRefusal? refusal)
    {
        history = null;
        refusal = versions.IsEmpty ? new(ManifestCheck.Missing, "there is no version") : ManifestVerification.Verify(versions[0], ownerKey);
        for (int i = 1; i < versions.Length && refusal is null; i++)
        {
            refusal = ManifestVerification.VerifyUpdate(versions[i - 1], versions[i]);
        }

        if (refusal is null)
        {
            history = new ManifestHistory(versions);
        }

        return refusal is null;
    }

    /// <summary>This history with one version more, if that is authorised.</summary>
    public bool TryUpdate(SignedManifest next, [NotNullWhen(true)] out ManifestHistory? history, [NotNullWhen(false)] out ManifestRefusal? refusal)
    {
        refusal = ManifestVerification.VerifyUpdate(Current, next);
        history = refusal is null ? new ManifestHistory(Versions.Add(next)) : null;
        return refusal is null;
    }
}
