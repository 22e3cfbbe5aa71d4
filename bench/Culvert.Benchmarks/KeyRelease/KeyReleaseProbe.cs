using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.KeyBroker;
using Culvert.Sealing;

namespace Culvert.Benchmarks.KeyRelease;

/// <summary>
/// Measures from evidence to released key (docs/specs/key-release.md): HTTPS over the loopback, evidence of a simulation, a job of
/// three stages in one enclave, a store that is flushed before each answer.
/// </summary>
public sealed class KeyReleaseProbe : IAsyncDisposable
{
    private const int AtOnce = 16;
    private static readonly RunId s_run = new(1);
    private static readonly PlanDigest s_plan = PlanDigest.FromBytes(SHA256.HashData("key release benchmark"u8));
    private static readonly byte[] s_measurement = SHA256.HashData("code"u8);

    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-bench-broker-").FullName;
    private readonly Secret _owner = Secret.Random(MachineEntropy.Instance);
    private readonly ECDsa _development = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ReleaseRecords _records = new(Stream.Null);
    private readonly BrokerCertificates _certificates;
    private readonly X509Certificate2 _authority;
    private readonly BrokerStore _store;
    private readonly KeyBrokerCore _core;
    private BrokerServer? _server;
    private HttpClient? _client;

    private KeyReleaseProbe()
    {
        _certificates = BrokerCertificates.OfOwner(_owner, ["127.0.0.1"], MachineClock.Instance, MachineEntropy.Instance);
        _authority = X509Certificate2.CreateFromPem(_certificates.AuthorityPem);
        _store = Value(BrokerStore.Open(Path.Combine(_folder, "store"), _owner, MachineEntropy.Instance, _ => { }));
        _core = new KeyBrokerCore(_owner, new KeyBrokerPorts(MachineClock.Instance, MachineEntropy.Instance, _store), new KeyBrokerOptions());
    }

    /// <summary>Measures so many releases, after a tenth as many that do not count.</summary>
    public static async Task<KeyReleaseFigures> MeasureAsync(int releases)
    {
        KeyReleaseProbe probe = new();
        await using (probe.ConfigureAwait(false))
        {
            await probe.StartAsync().ConfigureAwait(false);
            for (int i = 0; i < Math.Max(1, releases / 10); i++)
            {
                await probe.OneAsync().ConfigureAwait(false);
            }

            double[] challenges = new double[releases];
            double[] released = new double[releases];
            for (int i = 0; i < releases; i++)
            {
                (challenges[i], released[i]) = await probe.OneAsync().ConfigureAwait(false);
            }

            long begin = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(probe.OneAsync))).ConfigureAwait(false);
            double atOnce = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            return new KeyReleaseFigures(
                releases, Part(challenges, 0.5), Part(released, 0.5), Part(released, 0.99), Part(probe.Flushes(Math.Min(releases, 100)), 0.5), AtOnce, atOnce);
        }
    }

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
        _authority.Dispose();
        _certificates.Dispose();
        _records.Dispose();
        _development.Dispose();
        _owner.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync()
    {
        using ECDsa signing = SigningKeys.OfOwner(_owner);
        SignedManifest signed = Value(ManifestSigning.Sign(ManifestOf(signing), signing));
        if (!ManifestHistory.TryVerify([signed], signing.ExportSubjectPublicKeyInfo(), out ManifestHistory? history, out ManifestRefusal? refusal))
        {
            throw new InvalidOperationException(refusal.ToString());
        }

        Value(await _core.TakeAsync(history, CancellationToken.None).ConfigureAwait(false));
        BrokerServerOptions options = new() { Listen = new Uri("https://127.0.0.1:0"), ClientBurst = int.MaxValue };
        _server = await BrokerServer.StartAsync([_core], _certificates, _records, MachineClock.Instance, options, CancellationToken.None).ConfigureAwait(false);
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(_authority);
        SocketsHttpHandler handler = new() { SslOptions = new() { CertificateChainPolicy = policy } };
        _client = new HttpClient(handler) { BaseAddress = _server.Address };
    }

    /// <summary>One enclave's way to its keys; milliseconds for the challenge, and from evidence to opened keys.</summary>
    private async Task<(double Challenge, double Release)> OneAsync()
    {
        using HpkePrivateKey key = HpkePrivateKey.Generate(MachineEntropy.Instance);
        using ECDsa signing = SigningKeys.Generate(MachineEntropy.Instance);
        long begin = Stopwatch.GetTimestamp();
        ReleaseChallenge challenge = Value(ReleaseWire.ReadChallenge(
            await PostAsync("v1/challenge", ReleaseWire.WriteAsk(new ReleaseAsk { Job = "bench", Plan = s_plan })).ConfigureAwait(false)));
        double challenged = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        ReleaseBinding binding = new()
        {
            Nonce = challenge.Nonce,
            Broker = challenge.Broker,
            Owner = challenge.Owner,
            Manifest = challenge.Manifest,
            Plan = s_plan,
            Job = ReleaseBinding.JobDigest("bench"),
            Run = s_run,
            Inputs = [.. SHA256.HashData([])],
            Epoch = challenge.Epoch,
            Stages = [new StageId(0), new StageId(1), new StageId(2)],
            ReleaseKey = [.. key.PublicKey.Bytes],
            SigningKey = [.. signing.ExportSubjectPublicKeyInfo()],
        };
        byte[] evidence = SimulationEvidence.Create(s_measurement, [.. binding.ReportData(), .. new byte[32]], _development);
        ReleaseRequest request = new() { Binding = binding, Evidence = ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty.Add("simulation.bin", [.. evidence]) };

        begin = Stopwatch.GetTimestamp();
        ReleaseAnswer answer = Value(ReleaseWire.ReadAnswer(await PostAsync("v1/release", ReleaseWire.WriteRequest(request)).ConfigureAwait(false)));
        foreach ((StageId stage, ImmutableArray<byte> bundle) in answer.Bundles)
        {
            Value(KeyBundleCodec.Open(key, binding, stage, bundle.AsSpan())).Dispose();
        }

        return (challenged, Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
    }

    private async Task<byte[]> PostAsync(string path, byte[] body)
    {
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new("application/json");
        using HttpResponseMessage response = await _client!.PostAsync(new Uri(path, UriKind.Relative), content).ConfigureAwait(false);
        byte[] answer = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
        return response.IsSuccessStatusCode ? answer : throw new InvalidOperationException(System.Text.Encoding.UTF8.GetString(answer));
    }

    private double[] Flushes(int count)
    {
        using FileStream file = new(Path.Combine(_folder, "flushed"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] page = new byte[4096];
        double[] taken = new double[count];
        for (int i = 0; i < count; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            file.Write(page);
            file.Flush(flushToDisk: true);
            taken[i] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        }

        return taken;
    }

    private Manifest ManifestOf(ECDsa owner)
    {
        using ECDsa broker = SigningKeys.OfBroker(_owner);
        AcceptedMeasurement accepted = new(EvidenceKind.Simulation, ImmutableSortedDictionary<string, string>.Empty.Add("measurement", Convert.ToHexStringLower(s_measurement)), "bench");
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(MachineClock.Instance.UtcNow.ToUnixTimeSeconds());
        ManifestStage StageOf(int id) => new()
        {
            Id = new StageId(id),
            Name = $"stage {id}",
            Accepted = [accepted],
            Edges = [new StageEdge(new EdgeId(id), id == 0), new StageEdge(new EdgeId(id + 1), false)],
            Reports = new EdgeId(100 + id),
            HoldsState = id == 1,
        };
        return new Manifest
        {
            Lineage = [.. RandomNumberGenerator.GetBytes(Manifest.LineageBytes)],
            Version = 1,
            Job = "bench",
            Plan = s_plan,
            Epoch = new KeyEpoch(0),
            NotBefore = now.AddHours(-1),
            NotAfter = now.AddDays(1),
            OwnerKey = [.. owner.ExportSubjectPublicKeyInfo()],
            BrokerKey = [.. broker.ExportSubjectPublicKeyInfo()],
            AllowSimulation = true,
            Stages = [StageOf(0), StageOf(1), StageOf(2)],
            Platforms = ImmutableSortedDictionary<EvidenceKind, VerificationPolicy>.Empty.Add(
                EvidenceKind.Simulation, new VerificationPolicy { SimulationKeys = [_development.ExportSubjectPublicKeyInfo()] }),
        };
    }

    private static T Value<T>(Outcome<T> outcome) => outcome.Succeeded ? outcome.Value : throw new InvalidOperationException(outcome.Failure.Message);

    private static double Part(double[] figures, double share)
    {
        double[] sorted = [.. figures.Order()];
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
