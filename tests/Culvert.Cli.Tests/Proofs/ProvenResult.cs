using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Tests.Proofs;

/// <summary>A result of a simulated enclave, in every format, and its proof; all of the owner whose key file is given.</summary>
internal sealed class ProvenResult : IDisposable
{
    private static readonly byte[] s_salt = [.. Enumerable.Repeat((byte)0x5A, 32)];
    private static readonly Schema s_schema = new(
        new Field("carrier", new ColumnType(ValueKind.Text)), new Field("delay", new ColumnType(ValueKind.Float64, true)));

    private readonly Secret _owner;
    private readonly ECDsa _developer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _enclave = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal ProvenResult(string ownerKey)
    {
        _owner = OwnerKeys.Open(ownerKey, null, TextWriter.Null);
        using ECDsa key = SigningKeys.OfOwner(_owner);
        OwnerPem = key.ExportSubjectPublicKeyInfoPem();
    }

    /// <summary>The owner's public key.</summary>
    internal string OwnerPem { get; }

    /// <summary>Writes <c>result.json</c>, <c>result.jsonl</c>, <c>result.csv</c>, <c>result.sealed</c> and the proof of them.</summary>
    internal void Write(string folder)
    {
        using Batch batch = Rows();
        Write(new FileSinkSpec(Path.Join(folder, "result.csv"), new CsvFormat()), batch);
        Write(new FileSinkSpec(Path.Join(folder, "result.jsonl"), new JsonLinesFormat()), batch);
        using (ResultRows rows = new())
        using (FileStream json = File.Create(Path.Join(folder, "result.json")))
        {
            Write(rows.Sink, batch);
            ResultJson.Write(json, "delays", new RunReport(true, 3, 0, 0, TimeSpan.Zero, null), rows);
        }

        string path = Path.Join(folder, "result.sealed");
        Write(new SealedFileSinkSpec(path, "delays", () => Secret.CopyOf(_owner.Bytes), MachineEntropy.Instance), batch);
        using SealedFileReader sealedFile = SealedFileReader.Open(path, File.OpenRead(path), _owner).Value;
        File.WriteAllBytes(Path.Join(folder, "result.proof"), ProofDocument.Write(Prove(batch, sealedFile)));
    }

    public void Dispose()
    {
        _owner.Dispose();
        _developer.Dispose();
        _enclave.Dispose();
    }

    private static Batch Rows()
    {
        ColumnBuilder carrier = ColumnBuilder.Create(s_schema[0].Type, ColumnPool.None);
        ColumnBuilder delay = ColumnBuilder.Create(s_schema[1].Type, ColumnPool.None);
        foreach ((string name, object? value) in new[] { ("AA", (object?)8.25), ("WN", 12.5), ("a, \"b\"", null) })
        {
            carrier.AppendObject(name);
            delay.AppendObject(value);
        }

        return new Batch(s_schema, [carrier.Build(), delay.Build()], 3);
    }

    private static void Write(SinkSpec sink, Batch batch)
    {
        using ISinkWriter writer = ((IOpenableSink)sink).Open(s_schema, new PartitionId(0), default);
        writer.Write(batch, new Round(0));
        writer.CloseRound(new Round(0), Watermark.End);
        writer.Complete();
    }

    private Proof Prove(Batch batch, SealedFileReader sealedFile)
    {
        SignedManifest manifest = Manifest();
        ImmutableArray<ResultColumn> columns = [.. s_schema.Fields.Select(f => new ResultColumn(f.Name, f.Type.ToString()))];
        ProofBuilder builder = new([manifest], manifest.Manifest.Plan, new RunId(7));
        (ReleaseRequest request, ReleaseAnswer answer) = Attest(manifest);
        builder.Add(request, answer);
        using ResultDigestBuilder digest = new(s_salt);
        ArrayBufferWriter<byte> bytes = new();
        for (int row = 0; row < batch.Count; row++)
        {
            bytes.ResetWrittenCount();
            BatchRows.Write(batch, row, bytes);
            digest.Add(bytes.WrittenSpan);
        }

        StrandEnd end = sealedFile.Ends[0]!;
        builder.Add(SignedStatement.Sign(
            new ResultStatement
            {
                Run = new RunId(7),
                Plan = manifest.Manifest.Plan,
                Manifest = manifest.Digest,
                Epoch = manifest.Manifest.Epoch,
                Result = 0,
                Stage = new StageId(0),
                Partition = new PartitionId(0),
                Parts = [new ResultPart(new StageId(0), 1)],
                Columns = [.. ResultColumn.DigestOf(columns)],
                Salt = [.. ResultDigestBuilder.CommitmentOf(s_salt)],
                Digest = digest.Digest,
                IsComplete = true,
                OpenBefore = ["read\u001b[2J"],
                Strand = new ResultStrand(sealedFile.Index.Header.Stream, sealedFile.Index.Header.Tag, 0, 1, end.GroupCount, end.Tag),
            },
            _enclave));
        return builder.Build(columns, s_salt).Value;
    }

    private SignedManifest Manifest()
    {
        using ECDsa owner = SigningKeys.OfOwner(_owner);
        using ECDsa broker = SigningKeys.OfBroker(_owner);
        Manifest manifest = new()
        {
            Lineage = [.. new byte[16]],
            Version = 1,
            Job = "delays",
            Plan = new PlanDigest(1, 2),
            Epoch = new KeyEpoch(0),
            NotBefore = DateTimeOffset.UnixEpoch,
            NotAfter = DateTimeOffset.UnixEpoch.AddYears(200),
            OwnerKey = [.. owner.ExportSubjectPublicKeyInfo()],
            BrokerKey = [.. broker.ExportSubjectPublicKeyInfo()],
            AllowSimulation = true,
            Stages =
            [
                new ManifestStage
                {
                    Id = new StageId(0),
                    Name = "delays",
                    Accepted = [new AcceptedMeasurement(EvidenceKind.Simulation, Measured(), "tests")],
                    Edges = [],
                    Reports = new EdgeId(0),
                    HoldsState = false,
                    WritesResult = true,
                },
            ],
            Platforms = ImmutableSortedDictionary<EvidenceKind, VerificationPolicy>.Empty.Add(
                EvidenceKind.Simulation, new VerificationPolicy { SimulationKeys = [_developer.ExportSubjectPublicKeyInfo()] }),
        };
        return ManifestSigning.Sign(manifest, owner).Value;
    }

    private (ReleaseRequest Request, ReleaseAnswer Answer) Attest(SignedManifest manifest)
    {
        using ECDsa broker = SigningKeys.OfBroker(_owner);
        using HpkePrivateKey release = HpkePrivateKey.Derive(new byte[32]);
        ReleaseBinding binding = new()
        {
            Nonce = [.. new byte[32]],
            Broker = [.. SigningKeys.IdentityOf(broker)],
            Owner = [.. SHA256.HashData(manifest.Manifest.OwnerKey.AsSpan())],
            Manifest = manifest.Digest,
            Plan = manifest.Manifest.Plan,
            Job = ReleaseBinding.JobDigest("delays"),
            Run = new RunId(7),
            Inputs = [],
            Epoch = manifest.Manifest.Epoch,
            Stages = [new StageId(0)],
            ReleaseKey = [.. release.PublicKey.Bytes],
            SigningKey = [.. _enclave.ExportSubjectPublicKeyInfo()],
        };
        byte[] reportData = [.. binding.ReportData(), .. new byte[32]];
        ImmutableSortedDictionary<string, ImmutableArray<byte>> evidence = ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty.Add(
            "simulation.bin", [.. SimulationEvidence.Create(Enumerable.Repeat((byte)0x11, 32).ToArray(), reportData, _developer)]);
        EarResult result = new()
        {
            IssuedAt = DateTimeOffset.UnixEpoch.AddYears(60),
            Build = "culvert",
            Kind = EvidenceKind.Simulation,
            Status = AttestationStatus.Warning,
            Trustworthiness = new TrustworthinessVector(),
            Measurements = Measured(),
            TcbStatus = "NotApplicable",
            AdvisoryIds = [],
            Nonce = binding.Nonce,
            ReportData = [.. binding.ReportData()],
            Evidence = [.. EarResult.DigestOf(evidence)],
            Manifest = manifest.Digest,
            ManifestVersion = 1,
            Job = "delays",
            Plan = binding.Plan,
            Run = binding.Run,
            Stages = binding.Stages,
            Epoch = binding.Epoch,
            Inputs = [],
            ReleaseKey = [.. SHA256.HashData(binding.ReleaseKey.AsSpan())],
            SigningKey = [.. SHA256.HashData(binding.SigningKey.AsSpan())],
        };
        return (new ReleaseRequest { Binding = binding, Evidence = evidence }, new ReleaseAnswer(result.Sign(broker), ImmutableSortedDictionary<StageId, ImmutableArray<byte>>.Empty));
    }

    private static ImmutableSortedDictionary<string, string> Measured() =>
        ImmutableSortedDictionary<string, string>.Empty.Add("measurement", string.Concat(Enumerable.Repeat("11", 32)));
}
