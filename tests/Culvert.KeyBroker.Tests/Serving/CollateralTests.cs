using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Attestation.Tests.Forge;
using Culvert.Attestation.Tests.Release;

namespace Culvert.KeyBroker.Tests.Serving;

/// <summary>Enclaves whose machine brings no collateral, and a broker that keeps it, through the real server.</summary>
public sealed class CollateralTests : IDisposable
{
    private readonly PlayOwner _owner = new();
    private readonly StillClock _clock = new(CertificateForge.Now);
    private readonly PlayEnclave _enclave = new();
    private readonly IntelForge _intel = new(tdx: false);
    private readonly AmdForge _amd = new(AmdProduct.Genoa);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("culvert-collateral-");

    private VendorRoots Roots => _intel.Roots with { Amd = _amd.Roots.Amd };

    [Fact]
    public async Task Evidence_without_collateral_is_verified_by_the_brokers_own_which_the_answer_brings()
    {
        Put("amd", PlayEnclave.Snp(Bound(), _amd), "vcek.der");
        Put("intel", PlayEnclave.Sgx(Bound(), _intel), "collateral.json");
        await using PlayBroker broker = await StartAsync(hasShelf: true);

        ReleaseRequest sgx = Bare(PlayEnclave.Sgx(await BindAsync(broker), _intel), "collateral.json");
        ReleaseAnswer answer = await broker.ReleaseAsync(sgx);
        ReleaseAnswer other = await broker.ReleaseAsync(Bare(PlayEnclave.Snp(await BindAsync(broker), _amd), "vcek.der"));

        using KeyBundle bundle = _enclave.Open(sgx.Binding, answer, 0);
        Assert.Equal(["collateral.json"], answer.Collateral.Keys);
        Assert.Equal(["vcek.der"], other.Collateral.Keys);
    }

    [Fact]
    public async Task Evidence_with_collateral_of_its_own_is_verified_by_that()
    {
        Put("intel", PlayEnclave.Sgx(Bound(), _intel), "collateral.json");
        await using PlayBroker broker = await StartAsync(hasShelf: true);

        ReleaseAnswer answer = await broker.ReleaseAsync(PlayEnclave.Sgx(await BindAsync(broker), _intel));

        Assert.Empty(answer.Collateral);
    }

    [Fact]
    public async Task Without_a_folder_or_with_the_collateral_of_others_evidence_that_has_none_gets_no_key()
    {
        using IntelForge another = new(tdx: false);
        Put("another", PlayEnclave.Sgx(Bound(), another), "collateral.json");
        await using PlayBroker bare = await StartAsync(hasShelf: false);
        await using PlayBroker wrong = await StartAsync(hasShelf: true);

        Assert.Equal("evidence", await bare.RefusedAsync(Bare(PlayEnclave.Sgx(await BindAsync(bare), _intel), "collateral.json")));
        Assert.Equal("evidence", await wrong.RefusedAsync(Bare(PlayEnclave.Sgx(await BindAsync(wrong), _intel), "collateral.json")));
    }

    [Fact]
    public async Task What_is_put_into_the_folder_later_is_found_and_what_has_expired_is_none()
    {
        Put(".new", PlayEnclave.Sgx(Bound(), _intel), "collateral.json");
        await using PlayBroker broker = await StartAsync(hasShelf: true);
        Assert.Equal("evidence", await broker.RefusedAsync(Bare(PlayEnclave.Sgx(await BindAsync(broker), _intel), "collateral.json")));

        Directory.Move(Path.Join(_folder.FullName, ".new"), Path.Join(_folder.FullName, "intel"));
        await broker.ReleaseAsync(Bare(PlayEnclave.Sgx(await BindAsync(broker), _intel), "collateral.json"));

        await using PlayBroker later = await StartAsync(hasShelf: true, manifest => manifest with { NotAfter = manifest.NotBefore.AddYears(10) });
        _clock.Advance(TimeSpan.FromDays(400));
        Assert.Equal("evidence", await later.RefusedAsync(Bare(PlayEnclave.Sgx(await BindAsync(later), _intel), "collateral.json")));
    }

    [Fact]
    public async Task A_platform_that_the_brokers_collateral_calls_outdated_is_refused_as_that()
    {
        _intel.Levels[0] = _intel.Levels[0] with { Status = "OutOfDate" };
        Put("intel", PlayEnclave.Sgx(Bound(), _intel), "collateral.json");
        await using PlayBroker broker = await StartAsync(hasShelf: true);

        Assert.Equal("tcb", await broker.RefusedAsync(Bare(PlayEnclave.Sgx(await BindAsync(broker), _intel), "collateral.json")));
    }

    [Fact]
    public void A_folder_that_cannot_be_one_is_told_at_once()
    {
        Assert.Equal(FailureKind.Missing, new CollateralFolder(Path.Join(_folder.FullName, "nowhere")).Read().Failure?.Kind);
        Assert.Equal(FailureKind.Missing, new CollateralFolder(_folder.FullName).Read().Failure?.Kind);
        for (int i = 0; i <= CollateralFolder.SetsMax; i++)
        {
            File.WriteAllText(Path.Join(Directory.CreateDirectory(Path.Join(_folder.FullName, $"{i}")).FullName, "crl.der"), "a");
        }

        Assert.Equal(FailureKind.TooLarge, new CollateralFolder(_folder.FullName).Read().Failure?.Kind);
        Assert.Empty(new CollateralFolder(_folder.FullName).Sets());
    }

    public void Dispose()
    {
        _owner.Dispose();
        _enclave.Dispose();
        _intel.Dispose();
        _amd.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<PlayBroker> StartAsync(bool hasShelf, Func<Manifest, Manifest>? change = null)
    {
        KeyBrokerCore core = _owner.Broker(_clock, Roots, shelf: hasShelf ? new CollateralFolder(_folder.FullName) : null);
        Manifest first = _owner.First();
        PlayOwner.Value(await core.TakeAsync(_owner.History(change?.Invoke(first) ?? first), TestContext.Current.CancellationToken));
        return await PlayBroker.StartAsync([core], _owner, _clock);
    }

    private async Task<ReleaseBinding> BindAsync(PlayBroker broker) => _enclave.Bind(await broker.ChallengeAsync(_owner.Job), _owner.Job, 0);

    /// <summary>A binding of no challenge, for evidence of which only the collateral counts.</summary>
    private ReleaseBinding Bound() => _enclave.Bind(
        new ReleaseChallenge
        {
            Nonce = [.. new byte[32]],
            Broker = [.. new byte[32]],
            Owner = [.. new byte[32]],
            Manifest = [.. new byte[32]],
            Epoch = new KeyEpoch(0),
            Lineage = [.. new byte[16]],
            NotAfter = _clock.UtcNow,
        },
        _owner.Job,
        0);

    private void Put(string set, ReleaseRequest request, string file) => File.WriteAllBytes(
        Path.Join(Directory.CreateDirectory(Path.Join(_folder.FullName, set)).FullName, file), [.. request.Evidence[file]]);

    private static ReleaseRequest Bare(ReleaseRequest request, string file) => request with { Evidence = request.Evidence.Remove(file) };
}
