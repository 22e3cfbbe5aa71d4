using System.Buffers;
using System.Globalization;
using Culvert.Kits;
using Culvert.Streams;

namespace Culvert.Stages.Tests;

/// <summary>Aggregates whose state exceeds a budget, against the same without one.</summary>
public sealed class PagedAggregateTests
{
    private const int Rounds = 6;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Whole_number_aggregates_have_the_result_of_a_run_without_a_budget() => AssertSame(Whole());

    [Fact]
    public void Floating_point_sums_keep_their_order_and_have_the_same_last_digit() => AssertSame(Floating());

    [Fact]
    public void Aggregates_whose_states_vary_in_size_have_the_result_of_a_run_without_a_budget() => AssertSame(Texts());

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_snapshot_taken_while_states_wait_is_gone_on_from_with_and_without_a_budget(bool resumedWithin)
    {
        Plan plan = Whole();
        using StateBudget budget = new(1 << 20, new HostileMemory(), new SeededEntropy(2));
        MemoryBlobs blobs = new();
        using (Run run = new(plan, budget, null))
        {
            run.Go(0, Rounds / 2);
            await run.SnapshotAsync(blobs, Cancel);
            Assert.Contains(run.TableNames, name => name.EndsWith("waiting", StringComparison.Ordinal));
        }

        Outcome<RunSnapshot> opened = await SnapshotReader.OpenLatestAsync(blobs, plan.Digest, Cancel, resumedWithin ? budget : null);
        using Run resumed = new(plan, resumedWithin ? budget : null, opened.Value);
        resumed.Go(Rounds / 2, Rounds);
        resumed.Finish();
        Assert.Equal(Expected(plan), resumed.Rows);
        Assert.InRange(budget.ResidentBytesPeak, 1, budget.Bytes + StateBudget.SlackBytes);
    }

    [Fact]
    public void A_table_that_is_empty_and_whose_pages_alone_are_much_of_a_budget_has_no_entries()
    {
        using StateBudget budget = new(StateBudget.BytesMin, new HostileMemory(), new SeededEntropy(5));
        using StateTable table = new(8, 0, budget);

        Assert.All(KeyTable.Sort(table), piece => Assert.Equal(0, piece.Count));
    }

    [Fact]
    public void A_page_altered_outside_stops_the_partition_with_an_integrity_error()
    {
        HostileMemory outside = new();
        using StateBudget budget = StateBudgetTests.Tiny(outside);
        using Run run = new(Whole(), budget, null);
        run.Go(0, 2);
        outside.OnRead = (_, content) => content[9] ^= 4;
        Assert.Throws<StateIntegrityException>(() =>
        {
            run.Go(2, Rounds);
            run.Finish();
        });
    }

    private static void AssertSame(Plan plan)
    {
        using StateBudget budget = StateBudgetTests.Tiny(new HostileMemory());
        using Run run = new(plan, budget, null);
        run.Go(0, Rounds);
        Assert.True(budget.OutsideBytes > budget.Bytes, "nothing much left");
        run.Finish();
        Assert.Equal(Expected(plan), run.Rows);
        Assert.InRange(budget.ResidentBytesPeak, 1, budget.Bytes + StateBudget.SlackBytes);
    }

    private static List<string> Expected(Plan plan)
    {
        using Run run = new(plan, null, null);
        run.Go(0, Rounds);
        run.Finish();
        return run.Rows;
    }

    private static Plan Whole() => Plan.Compile(Source.FromBatches<Reading>([])
        .GroupBy(e => e.Key)
        .Aggregate(g => new { g.Key, Count = g.Count(), Sum = g.Sum(e => e.Number), Max = g.Max(e => e.Number) })
        .To(new Sink()).AsJob("whole"));

    private static Plan Floating() => Plan.Compile(Source.FromBatches<Reading>([])
        .GroupBy(e => e.Key)
        .Aggregate(g => new { g.Key, Sum = g.Sum(e => e.Value) })
        .To(new Sink()).AsJob("floating"));

    private static Plan Texts() => Plan.Compile(Source.FromBatches<Reading>([])
        .GroupBy(e => e.Key)
        .Aggregate(g => new { g.Key, Last = g.Max(e => e.Name), Count = g.Count() })
        .To(new Sink()).AsJob("texts"));

    private record struct Reading(long Key, long Number, double Value, string Name);

    private sealed class Sink : SinkSpec
    {
        public override string Canonical => "rows";

        public override string Description => "rows";
    }

    /// <summary>All partitions of all stages, on one thread.</summary>
    private sealed class Run : IFrameSink, IStageServices, IDisposable
    {
        private readonly Plan _plan;
        private readonly PartitionStep[][] _steps;
        private readonly Collector _collector = new();

        internal Run(Plan plan, StateBudget? budget, RunSnapshot? snapshot)
        {
            _plan = plan;
            StateBudget = budget;
            _steps = [.. plan.Stages.Select(stage => Enumerable.Range(0, stage.PartitionCount).Select(p => new PartitionStep(
                plan, stage.Id, new PartitionId(p), this, this, StateOf(snapshot, new Producer(stage.Id, new PartitionId(p))))).ToArray())];
        }

        public StateBudget? StateBudget { get; }

        internal List<string> Rows => _collector.Rows;

        internal List<string> TableNames { get; } = [];

        internal void Go(int fromRound, int toRound)
        {
            for (int round = fromRound; round < toRound; round++)
            {
                Random random = new(round);
                for (int batch = 0; batch < 4; batch++)
                {
                    // Few rows just before the snapshot: they wait when it is taken.
                    _steps[0][0].Push(MakeBatch(random, round == (Rounds / 2) - 1 ? 200 : 8_000));
                }

                _steps[0][0].CloseRound();
            }
        }

        internal void Finish() => _steps[0][0].End();

        internal async Task SnapshotAsync(IBlobs blobs, CancellationToken cancellation)
        {
            SnapshotWriter writer = new(blobs, new RunId(1), _plan.Digest);
            List<PartitionSnapshot> written = [];
            foreach (PartitionStep step in _steps.SelectMany(stage => stage))
            {
                FrozenPartition frozen = step.Freeze();
                TableNames.AddRange(frozen.Tables.Select(table => table.Name));
                written.Add(await writer.WritePartitionAsync(frozen.Producer, frozen.Round, frozen.Meta, frozen.Tables, cancellation));
                foreach ((_, StateVersion version) in frozen.Tables)
                {
                    version.Dispose();
                }
            }

            await writer.CommitAsync(written[0].Round, written, default, cancellation);
        }

        public void Send(Frame frame)
        {
            PartitionStep to = _steps[_plan.Edges[frame.Edge.Value].To.Value][frame.To.Value];
            Assert.True(to.Receive(frame).Value);
            MergeStep did;
            do
            {
                did = to.Advance();
            }
            while (did is not (MergeStep.Wait or MergeStep.Finish));
        }

        public ISinkWriter OpenSink(SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position) => _collector;

        public void Dispose()
        {
            foreach (PartitionStep step in _steps.SelectMany(stage => stage))
            {
                step.Dispose();
            }
        }

        private static PartitionState? StateOf(RunSnapshot? snapshot, Producer producer) =>
            snapshot?.Partitions.Single(partition => partition.Producer == producer) is { } restored
                ? new PartitionState(restored.Meta, restored.Tables.ToDictionary(table => table.Name, table => table.Table))
                : null;

        private Batch MakeBatch(Random random, int rows)
        {
            Schema schema = _plan.Stages[0].Operators[0].Output;
            ColumnBuilder[] builders = [.. schema.Fields.Select(field => ColumnBuilder.Create(field.Type))];
            for (int row = 0; row < rows; row++)
            {
                long key = random.Next(3) == 0 ? random.Next(500) : random.Next(60_000);
                foreach ((Field field, ColumnBuilder builder) in schema.Fields.Zip(builders))
                {
                    builder.AppendObject(field.Name switch
                    {
                        "Key" => key,
                        "Number" => random.NextInt64(-1_000_000, 1_000_000),
                        "Value" => random.NextDouble() - 0.5,
                        _ => $"name {random.Next(1_000_000)}",
                    });
                }
            }

            return new Batch(schema, [.. builders.Select(builder => builder.Build())], rows);
        }
    }

    /// <summary>Rows as text, and where batches end: neither may depend on a budget.</summary>
    private sealed class Collector : ISinkWriter
    {
        internal List<string> Rows { get; } = [];

        public void Write(Batch batch, Round round)
        {
            for (int row = 0; row < batch.Count; row++)
            {
                Rows.Add(string.Join(' ', Enumerable.Range(0, batch.Schema.Count).Select(c => string.Format(
                    CultureInfo.InvariantCulture, "{0:R}", batch[c].GetValue(row)))));
            }

            Rows.Add($"batch of {batch.Count}");
        }

        public void CloseRound(Round round, Watermark watermark)
        {
        }

        public void Complete()
        {
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
            writer.GetSpan(1)[0] = 1;
            writer.Advance(1);
        }

        public void MakeDurable()
        {
        }

        public void Dispose()
        {
        }
    }
}
