using System.Collections.Immutable;
using System.Globalization;

namespace Culvert.Attestation;

/// <summary>
/// Whether a manifest is its owner's, whether a version is authorised by the one before, and whether its time is now. Pure; null
/// means that it holds. The digests of what is given are those that <see cref="ManifestDocument.Read"/> made.
/// </summary>
public static class ManifestVerification
{
    /// <summary>
    /// Version 1, which the owner signs. A later version says nothing alone (<see cref="ManifestCheck.Chain"/>): it comes with those
    /// before it, see <see cref="ManifestHistory"/>.
    /// </summary>
    public static ManifestRefusal? Verify(SignedManifest signed, ReadOnlySpan<byte> ownerKey)
    {
        Manifest manifest = signed.Manifest;
        if (!manifest.OwnerKey.AsSpan().SequenceEqual(ownerKey))
        {
            return new(ManifestCheck.Owner, $"version {manifest.Version} of {manifest.Job} is another owner's: it names the key {Name(manifest.OwnerKey)}");
        }

        return manifest.Version != 1
            ? new(ManifestCheck.Chain, $"version {manifest.Version} comes without version {manifest.Version - 1}, which says who may sign it")
            : Signed(signed, UpdateRule.ByOwner);
    }

    /// <summary>The version after <paramref name="previous"/>, by the rule of that one.</summary>
    public static ManifestRefusal? VerifyUpdate(SignedManifest previous, SignedManifest next)
    {
        (Manifest before, Manifest after) = (previous.Manifest, next.Manifest);
        string which = $"version {after.Version} of {after.Job}";
        return !after.OwnerKey.AsSpan().SequenceEqual(before.OwnerKey.AsSpan())
            ? new(ManifestCheck.Owner, $"{which} is another owner's: it names the key {Name(after.OwnerKey)}")
            : after.Version <= before.Version ? new(ManifestCheck.Older, $"{which} is not newer than version {before.Version}, which is known")
            : after.Version != before.Version + 1 ? new(ManifestCheck.Chain, $"{which} comes behind version {before.Version}; those between are missing")
            : !after.Previous.AsSpan().SequenceEqual(previous.Digest.AsSpan())
                ? new(ManifestCheck.Chain, $"{which} follows another version {before.Version} than this one: its previous is {Convert.ToHexStringLower(after.Previous.AsSpan())}, not {Convert.ToHexStringLower(previous.Digest.AsSpan())}")
            : !after.Lineage.AsSpan().SequenceEqual(before.Lineage.AsSpan()) ? new(ManifestCheck.Chain, $"{which} is of another lineage")
            : after.Job != before.Job ? new(ManifestCheck.Chain, $"{which}: version {before.Version} is of the job {before.Job}")
            : after.Epoch.Value < before.Epoch.Value
                ? new(ManifestCheck.Chain, $"{which} goes back to epoch {after.Epoch.Value} from {before.Epoch.Value}")
            : Signed(next, before.Update);
    }

    /// <summary>Whether a version may be used at a time.</summary>
    public static ManifestRefusal? VerifyTime(Manifest manifest, DateTimeOffset at) =>
        at < manifest.NotBefore
            ? new(ManifestCheck.NotYet, $"version {manifest.Version} of {manifest.Job} is valid from {Time(manifest.NotBefore)} on; it is {Time(at)}")
        : at >= manifest.NotAfter
            ? new(ManifestCheck.Expired, $"version {manifest.Version} of {manifest.Job} was valid until {Time(manifest.NotAfter)}; it is {Time(at)}")
        : null;

    /// <summary>How many signatures on a version count under a rule, and how many it asks for.</summary>
    public static (int Counted, int Needed) Count(SignedManifest signed, UpdateRule rule)
    {
        // The reader refuses two signatures by one key and two signers with one, so each counts once.
        ImmutableArray<ImmutableArray<byte>> may = rule.Threshold == 0 ? [signed.Manifest.OwnerKey] : [.. rule.Signers.Select(s => s.Key)];
        int counted = may.Count(key => signed.Signatures.Any(s => s.Key.AsSpan().SequenceEqual(key.AsSpan()) && ManifestSigning.Holds(s, signed.Digest)));
        return (counted, Math.Max(1, rule.Threshold));
    }

    private static ManifestRefusal? Signed(SignedManifest signed, UpdateRule rule)
    {
        string which = $"version {signed.Manifest.Version} of {signed.Manifest.Job}";
        if (signed.Signatures.IsEmpty)
        {
            return new(ManifestCheck.Unsigned, $"nobody signed {which}");
        }

        if (signed.Signatures.FirstOrDefault(s => !ManifestSigning.Holds(s, signed.Digest)) is { } broken)
        {
            return new(ManifestCheck.Signature, $"the signature by {Name(broken.Key)} on {which} does not hold");
        }

        (int counted, int needed) = Count(signed, rule);
        return counted >= needed ? null
            : new(ManifestCheck.UpdateRule, rule.Threshold == 0
                ? $"the owner has to sign {which}, and did not"
                : $"{needed} of {string.Join(", ", rule.Signers.Select(s => s.Name))} have to sign {which}; {counted} did");
    }

    private static string Name(ImmutableArray<byte> key) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(key.AsSpan()))[..16];

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
