using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Sealing;
using Culvert.Streams;
using Culvert.Streams.Expressions;

namespace Culvert.Enclaves.Tests.Work;

/// <summary>A sealed file of words in memory, a plan that counts them, and what an owner gives a worker for both.</summary>
internal sealed class SealedWords : IDisposable
{
    internal const int Groups = 8;
    private const int GroupRows = 16;

    internal static readonly Schema Words = new(new Field("word", new ColumnType(ValueKind.Text)), new Field("n", new ColumnType(ValueKind.Int64)));

    private readonly byte[] _file;
    private readonly SealedFileIndex _index;

    internal SealedWords()
    {
        Owner = Secret.Random(MachineEntropy.Instance);
        Plan = Compile();
        Stream = SealedFileHeader.NewStream(MachineEntropy.Instance);
        using Secret key = KeySchedule.FileKey(Owner, Stream);
        SealedFileContents contents = new(SealedFileKind.Data, "words", [.. Words.Fields.Select(f => f.Name)], ColumnCodec.WriteTypes(Words));
        SealedFileHeader header = SealedFileHeader.Seal(key, Stream, KeySchedule.KeyId(Owner), 1, contents, MachineEntropy.Instance);
        _file = WriteFile(key, header);
        _index = SealedFileIndex.Read("words", new MemoryStream(_file)).Value;
    }

    internal Secret Owner { get; }

    internal Plan Plan { get; }

    internal RunId Run { get; } = new(7);

    internal StreamId Stream { get; }

    internal Stage Source => Plan.Stages.Single(s => s.Source is not null);

    /// <summary>The stage that the source's rows go to, by key.</summary>
    internal Stage Counts => Plan.Stages.First(s => s.Source is null);

    /// <summary>Partitions of all stages.</summary>
    internal IEnumerable<Producer> Partitions =>
        Plan.Stages.SelectMany(s => Enumerable.Range(0, s.PartitionCount).Select(p => new Producer(s.Id, new PartitionId(p))));

    /// <summary>What a worker gets that holds the stages of <paramref name="holds"/>; the caller disposes it.</summary>
    internal WorkerSetup Setup(Func<Stage, bool>? holds = null, RunId? run = null) =>
        WorkerSetup.Derive(Owner, Task(run), KeyLineage.Of(Plan.Digest), holds ?? (_ => true));

    internal WorkerTask Task(RunId? run = null) => new()
    {
        Plan = Plan,
        Run = run ?? Run,
        Inputs = [.. new byte[32]],
        Files = ImmutableSortedDictionary<StageId, ImmutableArray<StreamId>>.Empty.Add(Source.Id, [Stream]),
    };

    /// <summary>What a release of these stages to a key is bound to.</summary>
    internal ReleaseBinding Binding(HpkePublicKey worker, params IEnumerable<StageId> stages) => new()
    {
        Nonce = [.. new byte[32]],
        Broker = [],
        Owner = [],
        Manifest = [],
        Plan = Plan.Digest,
        Job = ReleaseBinding.JobDigest(Plan.JobName),
        Run = Run,
        Inputs = Task().Inputs,
        Epoch = new KeyEpoch(0),
        Stages = [.. stages],
        ReleaseKey = [.. worker.Bytes],
        SigningKey = [1],
    };

    /// <summary>A release of all that <paramref name="binding"/> names.</summary>
    internal byte[] Release(ReleaseBinding binding, HpkePublicKey worker, WorkerTask? task = null) => StageRelease.Seal(
        task ?? Task(), LuaScripts.Of(Plan).WriteCanonical().Value, Bundles(binding, worker), binding, worker, MachineEntropy.Instance);

    internal ImmutableSortedDictionary<StageId, ImmutableArray<byte>> Bundles(ReleaseBinding binding, HpkePublicKey worker) =>
        binding.Stages.ToImmutableSortedDictionary(stage => stage, stage =>
        {
            using KeyBundle bundle = StageKeys.Derive(Owner, Task(binding.Run), new KeyLineage(KeyLineage.Of(Plan.Digest).Id, binding.Epoch), stage);
            return KeyBundleCodec.Seal(bundle, binding, worker, MachineEntropy.Instance).ToImmutableArray();
        });

    /// <summary>What an honest host answers.</summary>
    internal byte[]? Answer(ReadMessage read)
    {
        switch (read.Subject)
        {
            case ReadSubject.Header:
                return _index.Header.Bytes.ToArray();
            case ReadSubject.End when read.Strand == 0:
                SealedBlockPlace end = _index.End(0)!.Value;
                return _file.AsSpan((int)end.Offset, end.Length).ToArray();
            case ReadSubject.Group when read.Strand == 0 && read.Group < Groups:
                SealedBlockPlace place = _index.Groups(0)[(int)read.Group];
                ReadOnlySpan<byte> block = _file.AsSpan((int)place.Offset, place.Length);
                ArrayBufferWriter<byte> answer = new();
                answer.Part(block[..place.Header.HeadBytes]);
                foreach (int column in read.Columns)
                {
                    (long offset, int length) = SealedBlockPlace.Column(place.Header, block, column);
                    answer.Part(block.Slice((int)offset, length));
                }

                return answer.WrittenSpan.ToArray();
            default:
                return null;
        }
    }

    public void Dispose() => Owner.Dispose();

    private static Plan Compile()
    {
        SourceNode source = new(new SealedSource(), Words);
        AggregateNode counts = new(
            source, [new NamedExpr("word", Expr.Column(Words, "word"))], [new AggregateColumn("count", AggregateFunction.Count, null)]);
        return Plan.Compile(new Job("words", new SinkNode(counts, new SealedDiscard())) { KeyPartitions = 2, Protection = Protection.Enclave });
    }

    private static byte[] WriteFile(Secret key, SealedFileHeader header)
    {
        ArrayBufferWriter<byte> file = new();
        file.Write(header.Bytes.Span);
        using SealedStrandWriter strand = new(key, header, 0, MachineEntropy.Instance);
        using RowGroupBuilder rows = new(Words, GroupRows);
        for (int group = 0; group < Groups; group++)
        {
            ColumnBuilder words = ColumnBuilder.Create(Words.Fields[0].Type);
            ColumnBuilder numbers = ColumnBuilder.Create(Words.Fields[1].Type);
            for (int i = 0; i < GroupRows; i++)
            {
                words.AppendObject($"word{i % 5}");
                numbers.AppendObject((long)i);
            }

            using Batch batch = new(Words, [words.Build(), numbers.Build()], GroupRows);
            rows.Append(batch, 0);
            SealedColumn[] columns = [.. rows.Encode().Select(c => new SealedColumn(c.Encoding, c.Values))];
            strand.AppendGroup(rows.Rows, columns, file);
            rows.Clear();
        }

        strand.End(new SealedCoverage { RowsRead = Groups * GroupRows }.ToBytes(), file);
        return file.WrittenSpan.ToArray();
    }

    private sealed class SealedSource : SourceSpec
    {
        public override int PartitionCount => 2;

        public override string Canonical => $"{SealedText.Source} partitions=2 groups=1";

        public override string Description => Canonical;

        public override bool IsSealed => true;

        public override bool CanProject => true;
    }

    private sealed class SealedDiscard : SinkSpec
    {
        public override string Canonical => "discard";

        public override string Description => Canonical;

        public override bool IsSealed => true;
    }
}
