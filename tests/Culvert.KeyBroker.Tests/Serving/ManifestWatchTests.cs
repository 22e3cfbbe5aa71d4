using Culvert.Attestation;
using Culvert.Attestation.Tests.Forge;
using Culvert.Attestation.Tests.Release;

namespace Culvert.KeyBroker.Tests.Serving;

public sealed class ManifestWatchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-watch-").FullName;
    private readonly PlayOwner _owner = new();
    private readonly List<string> _said = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Path => System.IO.Path.Combine(_folder, "manifest.json");

    [Fact]
    public async Task A_next_version_is_taken_when_its_file_is_there_and_anything_else_is_refused_loudly()
    {
        Manifest first = _owner.First();
        Manifest second = _owner.After(first);
        using KeyBrokerCore core = _owner.Broker(new StillClock(CertificateForge.Now));
        ManifestWatch watch = new(core, [Path], new StillClock(CertificateForge.Now), _said.Add);
        ManifestFile.Write(Path, _owner.Signed(first));
        Assert.Null(await watch.TakeAllAsync(Cancellation));

        await watch.LookAsync(Cancellation);
        Assert.Empty(_said);

        ManifestFile.WriteNext(Path, _owner.Signed(first), _owner.Signed(second));
        await watch.LookAsync(Cancellation);
        Assert.Contains("version 2", Assert.Single(_said), StringComparison.Ordinal);
        Assert.Equal(2, core.ManifestOf(_owner.Job)!.Current.Manifest.Version);

        Manifest third = _owner.After(second);
        (Action Write, string Check)[] flaws =
        [
            (() => File.WriteAllText(Path, "{ not a manifest"), "manifest.format"),
            (() => ManifestFile.Write(Path, PlayOwner.Value(ManifestDocument.Of(third))), "manifest.missing"),
            (() => { File.Copy(Path, ManifestFile.PathOf(Path, 3)); ManifestFile.Write(ManifestFile.PathOf(Path, 2), _owner.Signed(second)); File.Delete(ManifestFile.PathOf(Path, 3)); ManifestFile.Write(Path, PlayOwner.Value(ManifestDocument.Of(third))); File.SetLastWriteTimeUtc(Path, CertificateForge.Now.UtcDateTime); }, "manifest.unsigned"),
            (() => { File.Delete(ManifestFile.PathOf(Path, 2)); File.Delete(ManifestFile.PathOf(Path, 1)); ManifestFile.Write(Path, _owner.Signed(first)); }, "manifest.older"),
            (() => File.Delete(Path), "manifest.missing"),
        ];
        foreach ((Action write, string check) in flaws)
        {
            _said.Clear();
            write();
            await watch.LookAsync(Cancellation);

            Assert.StartsWith("REFUSED", Assert.Single(_said), StringComparison.Ordinal);
            Assert.Contains(check, _said[0], StringComparison.Ordinal);
            Assert.Equal(2, core.ManifestOf(_owner.Job)!.Current.Manifest.Version);
        }
    }

    [Fact]
    public async Task A_broker_does_not_begin_with_a_manifest_that_cannot_be_taken()
    {
        using PlayOwner other = new();
        using KeyBrokerCore core = _owner.Broker(new StillClock(CertificateForge.Now));
        ManifestWatch watch = new(core, [Path], new StillClock(CertificateForge.Now), _said.Add);

        Assert.Contains("manifest.missing", (await watch.TakeAllAsync(Cancellation))?.Message, StringComparison.Ordinal);
        ManifestFile.Write(Path, PlayOwner.Value(ManifestDocument.Of(_owner.First())));
        Assert.Contains("manifest.unsigned", (await watch.TakeAllAsync(Cancellation))?.Message, StringComparison.Ordinal);
        ManifestFile.Write(Path, other.Signed(other.First()));
        Assert.Contains("manifest.owner", (await watch.TakeAllAsync(Cancellation))?.Message, StringComparison.Ordinal);
        ManifestFile.Write(Path, _owner.Signed(_owner.First()));
        Assert.Null(await watch.TakeAllAsync(Cancellation));
    }

    public void Dispose()
    {
        _owner.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
