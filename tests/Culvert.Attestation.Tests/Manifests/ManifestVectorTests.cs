using System.Collections.Immutable;
using System.Text;

namespace Culvert.Attestation.Tests.Manifests;

/// <summary>The vectors were made from the specification by another program than Culvert.</summary>
public class ManifestVectorTests
{
    public static TheoryData<string> Vectors =>
        [.. Directory.GetFiles(RepositoryFolder.Of("tests", "vectors", "manifest"), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_vector_has_the_outcome_that_it_names(string vector)
    {
        ManifestVector read = ManifestVector.Read(vector);

        ManifestRefusal? refusal = Load(read, out ManifestHistory? history);

        Assert.Equal(read.Lines["expect"], refusal?.Name ?? "ok");
        Assert.Equal(vector.StartsWith("good", StringComparison.Ordinal), refusal is null);
        if (history is not null)
        {
            Assert.Equal(read.Lines["digest"], Convert.ToHexStringLower(history.Current.Digest.AsSpan()));
            Assert.Equal(read.Lines["canonical"], Encoding.UTF8.GetString(ManifestDocument.Canonical(history.Current.Manifest)));
        }
    }

    [Theory]
    [InlineData("good")]
    [InlineData("good-every-member")]
    [InlineData("good-reordered")]
    public void What_is_read_and_written_is_read_again_as_the_same(string vector)
    {
        SignedManifest signed = ManifestDocument.Read(ManifestVector.Read(vector).Versions[^1]).Value;
        byte[] written = ManifestDocument.Write(signed);
        SignedManifest again = ManifestDocument.Read(written).Value;
        Assert.Equal(signed.Digest, again.Digest);
        Assert.Equal(signed.Signatures[0].Value, again.Signatures[0].Value);
        Assert.Equal(written, ManifestDocument.Write(again));
    }

    [Fact]
    public void No_byte_of_a_good_manifest_can_be_altered_unseen()
    {
        ManifestVector vector = ManifestVector.Read("good-every-member");
        byte[] good = vector.Versions[0];
        ImmutableArray<byte> digest = ManifestDocument.Read(good).Value.Digest;
        for (int i = 0; i < good.Length; i++)
        {
            byte[] altered = [.. good];
            altered[i] ^= (byte)(1 << (i % 8));
            if (Load(vector with { Versions = [altered] }, out ManifestHistory? history) is null)
            {
                // White space and escapes are free; what is signed is the same.
                Assert.Equal(digest, history!.Current.Digest);
                Assert.Contains((char)good[i], " \n\"\\");
            }
        }
    }

    private static ManifestRefusal? Load(ManifestVector vector, out ManifestHistory? history)
    {
        history = null;
        ImmutableArray<SignedManifest>.Builder versions = ImmutableArray.CreateBuilder<SignedManifest>();
        foreach (byte[] version in vector.Versions)
        {
            Outcome<SignedManifest> read = ManifestDocument.Read(version);
            if (!read.Succeeded)
            {
                Assert.StartsWith("manifest.format: ", read.Failure.Message, StringComparison.Ordinal);
                Assert.Equal(FailureKind.Malformed, read.Failure.Kind);
                return new ManifestRefusal(ManifestCheck.Format, read.Failure.Message);
            }

            versions.Add(read.Value);
        }

        ManifestHistory.TryVerify(versions.ToImmutable(), Convert.FromBase64String(vector.Lines["owner"]), out history, out ManifestRefusal? refusal);
        return refusal;
    }
}
