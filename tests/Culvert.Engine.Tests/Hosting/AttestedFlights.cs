using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>An owner of sealed flights with a manifest and a broker of their own, and enclaves that simulate a measurement.</summary>
internal sealed class AttestedFlights : IDisposable
{
    internal static readonly byte[] Approved = [.. Enumerable.Repeat((byte)0xA5, SimulationEvidence.MeasurementBytes)];
    internal static readonly byte[] Another = [.. Enumerable.Repeat((byte)0x5A, SimulationEvidence.MeasurementBytes)];

    private readonly ECDsa _development = SigningKeys.Generate(MachineEntropy.Instance);
    private readonly ECDsa _signing;
    private ManifestHistory? _history;

    internal AttestedFlights(int rows = 2000)
    {
        Flights = new SealedFlights(rows);
        _signing = SigningKeys.OfOwner(Flights.Owner);
    }

    internal SealedFlights Flights { get; }

    internal ReadOnlyMemory<byte> OwnerKey => _signing.ExportSubjectPublicKeyInfo();

    internal ManifestHistory History => _history ?? throw new InvalidOperationException("there is no manifest yet");

    /// <summary>Version 1 for a plan.</summary>
    internal void Approve(Plan plan, Func<Manifest, Manifest>? change = null)
    {
        using ECDsa broker = SigningKeys.OfBroker(Flights.Owner);
        DateTimeOffset now = MachineClock.Instance.UtcNow;
        Manifest first = ManifestDraft.Of(plan, new ManifestSettings
        {
            Lineage = [.. new byte[15], 7],
            OwnerKey = [.. OwnerKey.Span],
            BrokerKey = [.. broker.ExportSubjectPublicKeyInfo()],
            NotBefore = now.AddHours(-1),
            NotAfter = now.AddHours(1),
            Accepted = [Accepts(Approved)],
            Platforms = ImmutableSortedDictionary<EvidenceKind, VerificationPolicy>.Empty.Add(
                EvidenceKind.Simulation, new VerificationPolicy { SimulationKeys = [_development.ExportSubjectPublicKeyInfo()] }),
            AllowSimulation = true,
        });
        Assert.True(ManifestHistory.TryVerify([Signed(change?.Invoke(first) ?? first)], OwnerKey.Span, out _history, out ManifestRefusal? refusal), refusal?.ToFailure().Message);
    }

    /// <summary>The next version, in the next key epoch.</summary>
    internal void Update(Func<Manifest, Manifest> change)
    {
        Manifest current = History.Current.Manifest;
        SignedManifest next = Signed(change(current with
        {
            Version = current.Version + 1,
            Previous = History.Current.Digest,
            Epoch = new KeyEpoch(current.Epoch.Value + 1),
        }));
        Assert.True(History.TryUpdate(next, out _history, out ManifestRefusal? refusal), refusal?.ToFailure().Message);
    }

    internal static AcceptedMeasurement Accepts(byte[] measurement) => new(
        EvidenceKind.Simulation,
        ImmutableSortedDictionary<string, string>.Empty.Add("measurement", Convert.ToHexStringLower(measurement)),
        "an image of a test");

    /// <summary>A broker that has taken the manifest as it is now; the caller disposes it.</summary>
    internal KeyBrokerCore Broker()
    {
        KeyBrokerCore core = new(Flights.Owner, new KeyBrokerPorts(MachineClock.Instance, MachineEntropy.Instance, new MemoryReleaseLog()), new KeyBrokerOptions());
        Outcome<SignedManifest> taken = core.TakeAsync(History, TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();
        Assert.Null(taken.Failure);
        return core;
    }

    /// <summary>Options of a run whose enclaves bring evidence of a measurement.</summary>
    internal OwnerRunOptions Options(
        Plan plan, IKeyBroker? broker, byte[]? measurement = null, Func<int, IMessageChannel, IMessageChannel>? through = null, Action<LocalHost>? made = null)
    {
        OwnerRunOptions options = Flights.Options(plan, _ => { });
        return options with
        {
            Broker = broker,
            Host = () =>
            {
                LocalHost host = new(through, new Quoter(measurement ?? Approved, _development));
                made?.Invoke(host);
                return host;
            },
        };
    }

    public void Dispose()
    {
        _development.Dispose();
        _signing.Dispose();
        Flights.Dispose();
    }

    private SignedManifest Signed(Manifest manifest)
    {
        Outcome<SignedManifest> signed = ManifestSigning.Sign(manifest, _signing);
        Assert.Null(signed.Failure);
        return signed.Value;
    }

    private sealed class Quoter(byte[] measurement, ECDsa key) : IQuoter
    {
        private readonly Lock _lock = new();

        public Outcome<ImmutableSortedDictionary<string, ImmutableArray<byte>>> Quote(ReadOnlySpan<byte> reportData)
        {
            Span<byte> bound = stackalloc byte[SimulationEvidence.ReportDataBytes];
            bound.Clear();
            reportData.CopyTo(bound);
            lock (_lock)
            {
                return ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty.Add(
                    SimulationEvidence.FileName, [.. SimulationEvidence.Create(measurement, bound, key)]);
            }
        }
    }
}
