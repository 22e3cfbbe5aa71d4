using System.Security.Cryptography;

namespace Culvert.Attestation.Tests.Manifests;

/// <summary>Who has to sign a version, and when it may be used.</summary>
public sealed class ManifestSigningTests : IDisposable
{
    private readonly ManifestForge _forge = new();

    [Fact]
    public void A_signature_is_es256_over_a_label_and_the_canonical_form()
    {
        SignedManifest signed = ManifestSigning.Sign(_forge.First(), _forge.Owner).Value;
        byte[] bytes = [.. "culvert v1 manifest\0"u8, .. ManifestDocument.Canonical(signed.Manifest)];
        Assert.Equal(bytes, ManifestDocument.SignedBytes(signed.Manifest));
        Assert.Equal(SHA256.HashData(bytes), signed.Digest);
        Assert.True(_forge.Owner.VerifyData(bytes, signed.Signatures[0].Value.AsSpan(), HashAlgorithmName.SHA256));
        Assert.Null(ManifestVerification.Verify(signed, _forge.OwnerKey));
    }

    [Fact]
    public void A_second_signature_by_one_key_takes_the_place_of_the_first()
    {
        SignedManifest once = _forge.Sign(_forge.First(), _forge.Owner, _forge.Ann);
        SignedManifest twice = ManifestSigning.Add(once, _forge.Owner);
        Assert.Equal(2, twice.Signatures.Length);
        Assert.Equal(once.Digest, twice.Digest);
        Assert.Null(ManifestVerification.Verify(twice, _forge.OwnerKey));
    }

    [Fact]
    public void Keys_of_other_curves_do_not_sign_and_what_no_reader_accepts_is_not_signed()
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<ArgumentException>(() => ManifestSigning.Sign(_forge.First(), other));
        Failure failure = ManifestSigning.Sign(_forge.First() with { Stages = [] }, _forge.Owner).Failure!;
        Assert.Equal("manifest.format: stages is empty", failure.Message);
    }

    [Fact]
    public void A_time_is_valid_from_the_first_second_to_the_last()
    {
        Manifest manifest = _forge.First();
        Assert.Equal(ManifestCheck.NotYet, ManifestVerification.VerifyTime(manifest, manifest.NotBefore.AddTicks(-1))!.Check);
        Assert.Null(ManifestVerification.VerifyTime(manifest, manifest.NotBefore));
        Assert.Null(ManifestVerification.VerifyTime(manifest, manifest.NotAfter.AddTicks(-1)));
        ManifestRefusal expired = ManifestVerification.VerifyTime(manifest, manifest.NotAfter)!;
        Assert.Equal("manifest.expired: version 1 of flights was valid until 2027-01-31T00:00:00Z; it is 2027-01-31T00:00:00Z", expired.ToString());
        Assert.Equal(new Failure(FailureKind.Mismatch, expired.ToString()), expired.ToFailure());
    }

    [Fact]
    public void A_version_is_authorised_by_the_rule_of_the_one_before_and_not_by_its_own()
    {
        SignedManifest first = _forge.Sign(_forge.First(), _forge.Owner);
        SignedManifest second = _forge.Sign(ManifestForge.Next(first, m => m with { Update = _forge.TwoOfThree }), _forge.Owner);
        Manifest third = ManifestForge.Next(second, m => m with { Update = UpdateRule.ByOwner });
        Assert.Null(ManifestVerification.VerifyUpdate(first, second));
        Assert.Equal(ManifestCheck.UpdateRule, ManifestVerification.VerifyUpdate(second, _forge.Sign(third, _forge.Owner))!.Check);
        Assert.Equal(ManifestCheck.UpdateRule, ManifestVerification.VerifyUpdate(second, _forge.Sign(third, _forge.Ann))!.Check);
        Assert.Null(ManifestVerification.VerifyUpdate(second, _forge.Sign(third, _forge.Ann, _forge.Cy)));
        Assert.Equal((1, 2), ManifestVerification.Count(_forge.Sign(third, _forge.Ann, _forge.Owner), second.Manifest.Update));

        Assert.True(ManifestHistory.TryVerify([first, second, _forge.Sign(third, _forge.Bob, _forge.Cy)], _forge.OwnerKey, out ManifestHistory? history, out _));
        SignedManifest fourth = _forge.Sign(ManifestForge.Next(history.Current), _forge.Owner);
        Assert.True(history.TryUpdate(fourth, out ManifestHistory? after, out _));
        Assert.Equal((4, 4), (after.Versions.Length, after.Current.Manifest.Version));
        Assert.False(after.TryUpdate(fourth, out _, out ManifestRefusal? refusal));
        Assert.Equal("manifest.older", refusal.Name);
    }

    [Fact]
    public void Signers_of_another_manifest_do_not_authorise_this_one()
    {
        // The same signers, rule and version of another lineage: its signatures are not over these bytes.
        SignedManifest first = _forge.Sign(_forge.First() with { Update = _forge.TwoOfThree }, _forge.Owner);
        SignedManifest other = _forge.Sign(first.Manifest with { Job = "trains" }, _forge.Owner);
        SignedManifest next = _forge.Sign(ManifestForge.Next(first));
        SignedManifest signed = _forge.Sign(ManifestForge.Next(other), _forge.Ann, _forge.Bob);
        Assert.Equal(ManifestCheck.Signature, ManifestVerification.VerifyUpdate(first, next with { Signatures = signed.Signatures })!.Check);
    }

    public void Dispose() => _forge.Dispose();
}
