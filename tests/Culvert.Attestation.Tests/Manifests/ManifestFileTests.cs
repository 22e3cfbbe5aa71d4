using System.Collections.Immutable;

namespace Culvert.Attestation.Tests.Manifests;

/// <summary>Every version is kept, and a file that was put back is seen to be.</summary>
public sealed class ManifestFileTests : IDisposable
{
    private readonly ManifestForge _forge = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-manifest-").FullName;
    private readonly SignedManifest _first;
    private readonly SignedManifest _second;
    private readonly SignedManifest _third;

    public ManifestFileTests()
    {
        _first = _forge.Sign(_forge.First(), _forge.Owner);
        _second = _forge.Sign(ManifestForge.Next(_first), _forge.Owner);
        _third = _forge.Sign(ManifestForge.Next(_second), _forge.Owner);
        ManifestFile.Write(File, _first);
        ManifestFile.WriteNext(File, _first, _second);
        ManifestFile.WriteNext(File, _second, _third);
    }

    private string File => Path.Join(_folder, "manifest.json");

    [Fact]
    public void All_versions_are_read_back_and_verified()
    {
        Assert.True(ManifestFile.TryLoad(File, _forge.OwnerKey, out ManifestHistory? history, out _));
        Assert.Equal([_first.Digest, _second.Digest, _third.Digest], history.Versions.Select(v => v.Digest));
        Assert.Equal(["0001.json", "0002.json"], Directory.GetFiles(File + ".history").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Equal(["manifest.json"], Directory.GetFiles(_folder).Select(path => Path.GetFileName(path)));
    }

    [Fact]
    public void Another_owner_a_file_put_back_and_a_version_that_is_lost_are_refused()
    {
        Assert.Equal("manifest.owner", Refused(ManifestForge.KeyOf(_forge.Ann)));
        System.IO.File.Copy(ManifestFile.PathOf(File, 2), File, overwrite: true);
        Assert.Equal("ok", Refused()); // as if stopped between the two steps of a write: nothing tells that there was a third
        System.IO.File.Copy(ManifestFile.PathOf(File, 1), File, overwrite: true);
        Assert.Equal("manifest.older", Refused());
        ManifestFile.Write(File, _third);
        System.IO.File.Delete(ManifestFile.PathOf(File, 1));
        Assert.Equal("manifest.missing", Refused());
        System.IO.File.Delete(File);
        Assert.Equal("manifest.missing", Refused());
    }

    [Fact]
    public void A_history_that_is_another_than_the_one_that_was_signed_is_refused()
    {
        ManifestFile.Write(ManifestFile.PathOf(File, 2), _forge.Sign(ManifestForge.Next(_first, m => m with { AllowSimulation = true }), _forge.Owner));
        Assert.Equal("manifest.chain", Refused());
        ManifestFile.Write(ManifestFile.PathOf(File, 2), _second);
        ManifestFile.Write(ManifestFile.PathOf(File, 3), _forge.Sign(ManifestForge.Next(_second, m => m with { AllowSimulation = true }), _forge.Owner));
        Assert.Equal("manifest.chain", Refused());
        System.IO.File.WriteAllText(ManifestFile.PathOf(File, 3), "{}");
        Assert.Equal("manifest.format", Refused());
    }

    [Fact]
    public void A_write_that_was_stopped_between_its_steps_leaves_the_version_before_in_force()
    {
        SignedManifest fourth = _forge.Sign(ManifestForge.Next(_third), _forge.Owner);
        ManifestFile.Write(ManifestFile.PathOf(File, 3), _third);
        Assert.Equal("ok", Refused());
        ManifestFile.WriteNext(File, _third, fourth);
        Assert.True(ManifestFile.TryLoad(File, _forge.OwnerKey, out ManifestHistory? history, out _));
        Assert.Equal(4, history.Versions.Length);
    }

    [Fact]
    public void A_file_that_is_too_long_is_not_read()
    {
        using (FileStream file = System.IO.File.Create(File))
        {
            file.SetLength(ManifestLimits.BytesMax + 1);
        }

        Assert.False(ManifestFile.TryRead(File, out _, out ManifestRefusal? refusal));
        Assert.Equal(ManifestCheck.Format, refusal.Check);
        Assert.Contains("at most 4194304 are read", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.TooLarge, ManifestDocument.Read(new byte[ManifestLimits.BytesMax + 1]).Failure!.Kind);
    }

    public void Dispose()
    {
        _forge.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Refused(ImmutableArray<byte>? owner = null) =>
        ManifestFile.TryLoad(File, (owner ?? [.. _forge.OwnerKey]).AsSpan(), out _, out ManifestRefusal? refusal) ? "ok" : refusal.Name;
}
