using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Culvert.Attestation.Tests.Forge;
using Culvert.Sealing;

namespace Culvert.Attestation.Tests.Proofs;

/// <summary>
/// An owner, a broker and two enclaves of the tests' own, and what a run of theirs leaves: stage 0 reads a sealed file, stage 1
/// gives the result in two partitions, of which each enclave runs one. Change a property, then ask for the proof.
/// </summary>
internal sealed class ProofForge : IDisposable
{
    internal static readonly byte[] Salt = [.. Enumerable.Repeat((byte)0x5A, 32)];
    internal static readonly string[] Rows = [.. Enumerable.Range(0, 12).Select(i => $"row {i}")];
    internal static readonly ImmutableArray<ResultColumn> Columns = [new("carrier", "text"), new("delay", "float64?")];

    private static readonly StageId s_reader = new(0);
    private static readonly StageId s_last = new(1);
    private readonly Secret _owner;
    private readonly ECDsa _developer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly IntelForge? _intel;
    private readonly AmdForge? _amd;

    internal ProofForge(EvidenceKind kind = EvidenceKind.Simulation, byte owner = 1)
    {
        Kind = kind;
        _owner = Secret.CopyOf([.. Enumerable.Repeat(owner, 32)]);
        OwnerKey = SigningKeys.OfOwner(_owner);
        BrokerKey = SigningKeys.OfBroker(_owner);
        _intel = kind is EvidenceKind.Sgx or EvidenceKind.Tdx ? new IntelForge(tdx: kind == EvidenceKind.Tdx) : null;
        _amd = kind == EvidenceKind.SevSnp ? new AmdForge(AmdProduct.Genoa) : null;
        Run = new RunId(7);
        using Secret file = KeySchedule.FileKey(_owner, Stream);
        SealedFileContents contents = new(SealedFileKind.Data, "in", ["a"], new byte[] { 1, 6, 0 });
        Header = [.. SealedFileHeader.Seal(file, Stream, KeySchedule.KeyId(_owner), 1, contents, new CountingEntropy()).Bytes.Span];
    }

    internal EvidenceKind Kind { get; }

    internal ECDsa OwnerKey { get; }

    internal ECDsa BrokerKey { get; }

    /// <summary>The two enclaves' signing keys.</summary>
    internal ECDsa[] EnclaveKeys { get; } = [ECDsa.Create(ECCurve.NamedCurves.nistP256), ECDsa.Create(ECCurve.NamedCurves.nistP256)];

    internal RunId Run { get; set; }

    internal StreamId Stream { get; } = new(0xF11E);

    internal ImmutableArray<byte> Header { get; set; }

    internal EndDigest InputEnd { get; set; } = new(3, 4);

    internal bool IsSealed { get; set; }

    internal DateTimeOffset At { get; set; } = CertificateForge.Now;

    /// <summary>How many versions the manifest has; the enclaves are attested under the last.</summary>
    internal int Versions { get; set; } = 1;

    internal Func<Manifest, Manifest> ChangeManifest { get; set; } = m => m;

    internal Func<int, ResultStatement, ResultStatement> ChangeStatement { get; set; } = (_, s) => s;

    internal ReadOnlyMemory<byte> OwnerPublic => OwnerKey.ExportSubjectPublicKeyInfo();

    internal VendorRoots Roots => _intel?.Roots ?? _amd?.Roots ?? VendorRoots.BuiltIn;

    internal static PlanDigest Plan => new(0xAB, 0xCD);

    /// <summary>The rows of a partition.</summary>
    internal static ResultDigest RowsOf(int partition) => ResultDigestTests.Of([.. Rows.Where((_, i) => i % 2 == partition)], Salt);

    internal static ResultClaim Claim(params string[] rows) => new("result.json", ResultDigestTests.Of(rows, Salt), null);

    internal ImmutableArray<SignedManifest> Manifests()
    {
        ImmutableArray<SignedManifest>.Builder versions = ImmutableArray.CreateBuilder<SignedManifest>();
        for (int version = 1; version <= Versions; version++)
        {
            Manifest manifest = ChangeManifest(ManifestOf(version, version == 1 ? [] : versions[^1].Digest));
            versions.Add(ManifestSigning.Sign(manifest, OwnerKey).Value);
        }

        return versions.ToImmutable();
    }

    internal Proof Make()
    {
        ImmutableArray<SignedManifest> manifests = Manifests();
        ProofBuilder builder = new(manifests, Plan, Run);
        for (int enclave = 0; enclave < 2; enclave++)
        {
            (ReleaseRequest request, ReleaseAnswer answer) = Attest(enclave, manifests[^1]);
            builder.Add(request, answer);
            builder.Add(SignedStatement.Sign(ChangeStatement(enclave, StatementOf(enclave, manifests[^1])), EnclaveKeys[enclave]));
        }

        return builder.Build(Columns, Salt).Value;
    }

    internal ProofVerdict Verify(Proof proof, ResultClaim? claim = null, ReadOnlyMemory<byte>? owner = null) =>
        ProofVerifier.Verify(proof, new ProofQuestion { OwnerKey = owner ?? OwnerPublic, Result = claim }, Roots);

    internal ResultStatement StatementOf(int partition, SignedManifest manifest) => new()
    {
        Run = Run,
        Plan = Plan,
        Manifest = manifest.Digest,
        Epoch = manifest.Manifest.Epoch,
        Result = 0,
        Stage = s_last,
        Partition = new PartitionId(partition),
        Parts = [new ResultPart(s_last, 2)],
        Columns = [.. ResultColumn.DigestOf(Columns)],
        Salt = [.. ResultDigestBuilder.CommitmentOf(Salt)],
        Digest = RowsOf(partition),
        IsComplete = true,
        Inputs = [new SealedInput(Stream, InputEnd)],
        Strand = IsSealed ? new ResultStrand(new StreamId(0xE4D), 77, partition, 2, 5 + partition, (UInt128)(900 + partition)) : null,
    };

    internal (ReleaseRequest Request, ReleaseAnswer Answer) Attest(int enclave, SignedManifest manifest, ECDsa? broker = null)
    {
        ReleaseBinding binding = BindingOf(enclave, manifest);
        ImmutableSortedDictionary<string, ImmutableArray<byte>> evidence = EvidenceOf(binding, out ImmutableSortedDictionary<string, ImmutableArray<byte>> collateral);
        ReleaseRequest request = new()
        {
            Binding = binding,
            Evidence = evidence,
            Collateral = collateral,
            Inputs = [new StageInput(s_reader, Stream, Header)],
        };
        EarResult result = new()
        {
            IssuedAt = At,
            Build = "culvert",
            Kind = Kind,
            Status = Kind == EvidenceKind.Simulation ? AttestationStatus.Warning : AttestationStatus.Affirming,
            Trustworthiness = new TrustworthinessVector(),
            Measurements = Measured(),
            TcbStatus = "UpToDate",
            AdvisoryIds = [],
            Nonce = binding.Nonce,
            ReportData = [.. binding.ReportData()],
            Evidence = [.. EarResult.DigestOf(evidence)],
            Manifest = manifest.Digest,
            ManifestVersion = manifest.Manifest.Version,
            Job = manifest.Manifest.Job,
            Plan = binding.Plan,
            Run = binding.Run,
            Stages = binding.Stages,
            Epoch = binding.Epoch,
            Inputs = binding.Inputs,
            ReleaseKey = [.. SHA256.HashData(binding.ReleaseKey.AsSpan())],
            SigningKey = [.. SHA256.HashData(binding.SigningKey.AsSpan())],
        };
        return (request, new ReleaseAnswer(result.Sign(broker ?? BrokerKey), ImmutableSortedDictionary<StageId, ImmutableArray<byte>>.Empty));
    }

    public void Dispose()
    {
        _owner.Dispose();
        _developer.Dispose();
        _intel?.Dispose();
        _amd?.Dispose();
        OwnerKey.Dispose();
        BrokerKey.Dispose();
        EnclaveKeys[0].Dispose();
        EnclaveKeys[1].Dispose();
    }

    private ReleaseBinding BindingOf(int enclave, SignedManifest manifest)
    {
        using HpkePrivateKey release = HpkePrivateKey.Derive([.. Enumerable.Repeat((byte)(9 + enclave), 32)]);
        return new ReleaseBinding
        {
            Nonce = [.. Enumerable.Repeat((byte)enclave, 32)],
            Broker = [.. SigningKeys.IdentityOf(BrokerKey)],
            Owner = [.. SigningKeys.IdentityOf(OwnerKey)],
            Manifest = manifest.Digest,
            Plan = Plan,
            Job = ReleaseBinding.JobDigest("delayed-flights"),
            Run = Run,
            Inputs = [.. SHA256.HashData(Header.AsSpan())],
            Epoch = manifest.Manifest.Epoch,
            Stages = enclave == 0 ? [s_reader, s_last] : [s_last],
            ReleaseKey = [.. release.PublicKey.Bytes],
            SigningKey = [.. EnclaveKeys[enclave].ExportSubjectPublicKeyInfo()],
        };
    }

    private ImmutableSortedDictionary<string, ImmutableArray<byte>> EvidenceOf(ReleaseBinding binding, out ImmutableSortedDictionary<string, ImmutableArray<byte>> collateral)
    {
        byte[] reportData = [.. binding.ReportData(), .. new byte[32]];
        collateral = ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty;
        if (_amd is not null)
        {
            _amd.ReportData = reportData;
            return _amd.Files().ToImmutableSortedDictionary(f => f.Key, f => ImmutableArray.Create(f.Value.Span), StringComparer.Ordinal);
        }

        if (_intel is null)
        {
            byte[] simulated = SimulationEvidence.Create(Enumerable.Repeat((byte)0x11, 32).ToArray(), reportData, _developer);
            return collateral.Add("simulation.bin", [.. simulated]);
        }

        _intel.ReportData = reportData;
        Dictionary<string, ReadOnlyMemory<byte>> files = _intel.Files();
        ImmutableSortedDictionary<string, ImmutableArray<byte>> quote = collateral.Add("quote.bin", [.. files["quote.bin"].Span]);
        collateral = collateral.Add("collateral.json", [.. files["collateral.json"].Span]);
        return quote;
    }

    private ImmutableSortedDictionary<string, string> Measured()
    {
        string[] values = Kind switch
        {
            EvidenceKind.Sgx => [Repeat("e1", 32)],
            EvidenceKind.Tdx => [Repeat("77", 48), Repeat("a0", 48), Repeat("a1", 48), Repeat("a2", 48), Repeat("a3", 48)],
            EvidenceKind.SevSnp => [Repeat("3e", 48)],
            _ => [Repeat("11", 32)],
        };
        return WorkloadAppraisal.MeasuredSet(Kind).Zip(values).ToImmutableSortedDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
    }

    private Manifest ManifestOf(int version, ImmutableArray<byte> previous) => new()
    {
        Lineage = [.. Enumerable.Repeat((byte)0x11, 16)],
        Version = version,
        Previous = previous,
        Job = "delayed-flights",
        Plan = Plan,
        Epoch = new KeyEpoch(version - 1),
        NotBefore = CertificateForge.From,
        NotAfter = CertificateForge.To,
        OwnerKey = [.. OwnerKey.ExportSubjectPublicKeyInfo()],
        BrokerKey = [.. BrokerKey.ExportSubjectPublicKeyInfo()],
        AllowSimulation = Kind == EvidenceKind.Simulation,
        Stages = [StageOf(s_reader, "flights"), StageOf(s_last, "delays")],
        Platforms = ImmutableSortedDictionary<EvidenceKind, VerificationPolicy>.Empty.Add(
            Kind, Kind == EvidenceKind.Simulation ? new VerificationPolicy { SimulationKeys = [_developer.ExportSubjectPublicKeyInfo()] } : new VerificationPolicy()),
    };

    private ManifestStage StageOf(StageId id, string name) => new()
    {
        Id = id,
        Name = name,
        Accepted = [new AcceptedMeasurement(Kind, Measured(), "tests")],
        Edges = [new StageEdge(new EdgeId(0), id == s_reader)],
        Reports = new EdgeId(5 + id.Value),
        HoldsState = true,
        ReadsInputs = id == s_reader,
        WritesResult = id == s_last,
    };

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();

    /// <summary>Bytes that count up: nothing here is secret.</summary>
    private sealed class CountingEntropy : IEntropy
    {
        private byte _next;

        public void Fill(Span<byte> destination)
        {
            foreach (ref byte b in destination)
            {
                b = _next++;
            }
        }
    }
}
