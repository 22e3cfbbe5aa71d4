using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Benchmarks.SecureStreams;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.KeyBroker;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Benchmarks.Provisioning;

/// <summary>
/// A broker of one plan over HTTPS on the loopback, with its store on this disk, and a client of it that notes when keys came. Its
/// manifest accepts one program in a simulation.
/// </summary>
internal sealed class LoopbackBroker : IKeyBroker, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-bench-broker-").FullName;
    private readonly ReleaseRecords _records = new(Stream.Null);
    private readonly BrokerCertificates _certificates;
    private readonly BrokerStore _store;
    private readonly KeyBrokerCore _core;
    private BrokerServer? _server;
    private BrokerClient? _client;
    private int _releases;
    private long _lastRelease;

    private LoopbackBroker(Secret owner)
    {
        _certificates = BrokerCertificates.OfOwner(owner, ["127.0.0.1"], MachineClock.Instance, MachineEntropy.Instance);
        _store = FlightsQuery.Checked(BrokerStore.Open(Path.Combine(_folder, "store"), owner, MachineEntropy.Instance, _ => { }));
        _core = new KeyBrokerCore(owner, new KeyBrokerPorts(MachineClock.Instance, MachineEntropy.Instance, _store), new KeyBrokerOptions());
    }

    /// <summary>Releases so far.</summary>
    internal int Releases => Volatile.Read(ref _releases);

    /// <summary>When the last one came, by <see cref="Stopwatch"/>.</summary>
    internal long LastRelease => Volatile.Read(ref _lastRelease);

    /// <summary>Starts one for a plan, and for enclaves of a program.</summary>
    internal static async Task<LoopbackBroker> StartAsync(Secret owner, Plan plan, string program)
    {
        LoopbackBroker broker = new(owner);
        try
        {
            await broker.ListenAsync(owner, plan, Path.GetDirectoryName(Path.GetFullPath(program))!).ConfigureAwait(false);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<Outcome<ReleaseChallenge>> ChallengeAsync(ReleaseAsk ask, CancellationToken cancellationToken) => _client!.ChallengeAsync(ask, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Outcome<ReleaseAnswer>> ReleaseAsync(ReleaseRequest request, CancellationToken cancellationToken)
    {
        Outcome<ReleaseAnswer> answer = await _client!.ReleaseAsync(request, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _lastRelease, Stopwatch.GetTimestamp());
        Interlocked.Increment(ref _releases);
        return answer;
    }

    /// <inheritdoc/>
    public ValueTask<Outcome<ImmutableArray<SignedManifest>>> ManifestsAsync(string job, CancellationToken cancellationToken) => _client!.ManifestsAsync(job, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync().ConfigureAwait(false);
        }

        _core.Dispose();
        await _store.DisposeAsync().ConfigureAwait(false);
        _certificates.Dispose();
        _records.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ListenAsync(Secret owner, Plan plan, string image)
    {
        using ECDsa signing = SigningKeys.OfOwner(owner);
        using ECDsa broker = SigningKeys.OfBroker(owner);
        DateTimeOffset now = MachineClock.Instance.UtcNow;
        Manifest manifest = ManifestDraft.Of(plan, new ManifestSettings
        {
            Lineage = [.. RandomNumberGenerator.GetBytes(Manifest.LineageBytes)],
            OwnerKey = [.. signing.ExportSubjectPublicKeyInfo()],
            BrokerKey = [.. broker.ExportSubjectPublicKeyInfo()],
            NotBefore = now,
            NotAfter = now.AddDays(1),
            Accepted = [FlightsQuery.Checked(SimulatedProgram.Measurement("bench", image))],
            Platforms = ImmutableSortedDictionary<EvidenceKind, VerificationPolicy>.Empty.Add(EvidenceKind.Simulation, FlightsQuery.Checked(SimulatedProgram.Platform())),
            AllowSimulation = true,
        });
        SignedManifest signed = FlightsQuery.Checked(ManifestSigning.Sign(manifest, signing));
        if (!ManifestHistory.TryVerify([signed], signing.ExportSubjectPublicKeyInfo(), out ManifestHistory? history, out ManifestRefusal? refusal))
        {
            throw new InvalidOperationException(refusal.ToString());
        }

        FlightsQuery.Checked(await _core.TakeAsync(history, CancellationToken.None).ConfigureAwait(false));
        _server = await BrokerServer.StartAsync(
            [_core], _certificates, _records, MachineClock.Instance, new BrokerServerOptions { Listen = new Uri("https://127.0.0.1:0") }, CancellationToken.None).ConfigureAwait(false);
        string authority = Path.Combine(_folder, "ca.pem");
        await File.WriteAllTextAsync(authority, _certificates.AuthorityPem).ConfigureAwait(false);
        _client = FlightsQuery.Checked(BrokerClient.Of(_server.Address.ToString(), authority));
    }
}
