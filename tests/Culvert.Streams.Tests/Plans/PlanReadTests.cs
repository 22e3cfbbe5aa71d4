using System.Buffers.Binary;
using System.Text;
using Culvert.Kits;

namespace Culvert.Streams.Tests.Plans;

/// <summary>Plans that are read back are the plans that were written; whatever else is read is refused, and nothing throws.</summary>
public sealed class PlanReadTests
{
    private const int Mutations = 400;

    public static TheoryData<string> All => [.. SamplePlans.Names];

    [Theory]
    [MemberData(nameof(All))]
    public void A_plan_that_is_read_back_is_the_plan_that_was_written(string name)
    {
        Plan plan = SamplePlans.Of(name);

        Plan read = Read(plan.WriteCanonical(), plan);

        Assert.Equal(plan.Digest, read.Digest);
        Assert.Equal(plan.WriteCanonical(), read.WriteCanonical());
        Assert.Equal(plan.Edges.Select(Shape), read.Edges.Select(Shape));
        foreach ((Stage expected, Stage stage) in plan.Stages.Zip(read.Stages))
        {
            Assert.Equal(
                (expected.Id, expected.Name, expected.Protection, expected.PartitionCount, string.Join(',', expected.Constraints)),
                (stage.Id, stage.Name, stage.Protection, stage.PartitionCount, string.Join(',', stage.Constraints)));
            Assert.Equal(expected.Operators.Select(Shape), stage.Operators.Select(Shape));
        }
    }

    [Fact]
    public void Sinks_and_sources_of_one_text_keep_their_places()
    {
        Plan plan = SamplePlans.Of("two sinks");
        Assert.Equal(["rows", "counts"], Sinks(plan));
        Assert.Equal(["rows", "counts"], Sinks(Read(plan.WriteCanonical(), plan)));

        static IEnumerable<string> Sinks(Plan plan) => plan.Stages.SelectMany(s => s.Operators).Select(o => o.Node).OfType<SinkNode>()
            .Select(n => ((SamplePlans.End)n.Sink).Path);
    }

    [Fact]
    public void A_reader_that_opens_nothing_knows_sources_and_sinks_by_their_texts()
    {
        Plan plan = SamplePlans.Of("filter");
        Outcome<Plan> read = Plan.Read(plan.WriteCanonical(), PlanParts.Opaque);
        Assert.True(read.Succeeded, read.Failure?.Message);
        OpaqueSourceSpec source = Assert.IsType<OpaqueSourceSpec>(read.Value.Stages[0].Source!.Source);
        Assert.Equal(("events", 4), (source.Canonical, source.PartitionCount));
        Assert.Equal(plan.Digest, read.Value.Digest);
    }

    [Theory]
    [InlineData("delegate")]
    [InlineData("fold")]
    public void Code_that_is_not_known_is_refused_by_its_name(string name)
    {
        Plan plan = SamplePlans.Of(name);
        string identity = plan.Stages.SelectMany(s => s.Operators)
            .Select(o => o.Node switch { CodeNode n => n.Code.Identity, FoldNode n => n.Code.Identity, _ => null }).First(i => i is not null)!;
        Outcome<Plan> read = Plan.Read(plan.WriteCanonical(), PlanParts.Opaque);
        Assert.Equal(FailureKind.Missing, read.Failure?.Kind);
        Assert.Contains($"the code '{identity[..100]}", read.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_of_another_plan_is_refused_by_its_name()
    {
        Outcome<Plan> read = Plan.Read(SamplePlans.Of("fold").WriteCanonical(), PlanParts.From(SamplePlans.Of("scan")));
        Assert.Equal(FailureKind.Missing, read.Failure?.Kind);
    }

    [Fact]
    public void Parts_that_are_not_what_was_asked_for_are_refused()
    {
        Plan plan = SamplePlans.Of("fold");
        foreach (Swap swap in Enum.GetValues<Swap>())
        {
            Outcome<Plan> read = Plan.Read(plan.WriteCanonical(), new Swapped(PlanParts.From(plan), swap));
            Assert.Contains("is given as another one", read.Failure?.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Another_version_is_refused_with_what_to_do()
    {
        byte[] bytes = SamplePlans.Of("filter").WriteCanonical();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(int) + "culvert plan".Length), 1);
        Outcome<Plan> read = Plan.Read(bytes, PlanParts.Opaque);
        Assert.Equal(FailureKind.Mismatch, read.Failure?.Kind);
        Assert.Contains("compile the job again", read.Failure!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_plan_that_ends_too_early_is_refused(string name)
    {
        Plan plan = SamplePlans.Of(name);
        byte[] bytes = plan.WriteCanonical();
        IPlanParts parts = PlanParts.From(plan);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(Plan.Read(bytes.AsSpan(0, length), parts).Succeeded, $"{length} of {bytes.Length} bytes");
        }

        Assert.False(Plan.Read([.. bytes, 0], parts).Succeeded);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_flipped_bit_is_refused_or_gives_another_digest(string name)
    {
        Plan plan = SamplePlans.Of(name);
        byte[] bytes = plan.WriteCanonical();
        IPlanParts parts = PlanParts.From(plan);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte bit = (byte)(1 << (i % 8));
            bytes[i] ^= bit;
            CheckOther(plan, bytes, parts, $"byte {i}");
            bytes[i] ^= bit;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Random_changes_are_refused_or_give_another_digest(string name)
    {
        Plan plan = SamplePlans.Of(name);
        byte[] original = plan.WriteCanonical();
        IPlanParts parts = PlanParts.From(plan);
        for (int seed = 1; seed <= Mutations; seed++)
        {
            CheckOther(plan, PlanMutations.Of(original, seed), parts, $"seed {seed}");
        }
    }

    [Fact]
    public void Bytes_that_were_never_a_plan_are_refused()
    {
        for (int seed = 1; seed <= 2_000; seed++)
        {
            Random random = new(seed);
            byte[] bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            Assert.False(Plan.Read(bytes, PlanParts.Opaque).Succeeded);
        }
    }

    [Fact]
    public void A_count_that_no_input_has_room_for_allocates_nothing()
    {
        byte[] bytes = [12, 0, 0, 0, .. Encoding.UTF8.GetBytes("culvert plan"), 2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x3f, 0, 0];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Outcome<Plan> read = Plan.Read(bytes, PlanParts.Opaque);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
        Assert.Contains("16383 edges", read.Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_a_limit_is_refused_as_too_large()
    {
        byte[] bytes = [12, 0, 0, 0, .. Encoding.UTF8.GetBytes("culvert plan"), 2, 0, 0, 0, 0, 0, 0, 0, 1, 0x40, 0, 0];
        Assert.Equal(FailureKind.TooLarge, Plan.Read(bytes, PlanParts.Opaque).Failure?.Kind);
    }

    private static void CheckOther(Plan plan, byte[] bytes, IPlanParts parts, string what)
    {
        if (bytes.AsSpan().SequenceEqual(plan.WriteCanonical()))
        {
            return; // the change was none
        }

        Outcome<Plan> read = Plan.Read(bytes, parts);
        if (read.Succeeded)
        {
            Assert.True(read.Value.Digest != plan.Digest, what);
            Assert.Equal(bytes, read.Value.WriteCanonical());
        }
        else
        {
            Assert.NotEmpty(read.Failure.Message);
        }
    }

    private static Plan Read(byte[] canonical, Plan built)
    {
        Outcome<Plan> read = Plan.Read(canonical, PlanParts.From(built));
        Assert.True(read.Succeeded, read.Failure?.Message);
        return read.Value;
    }

    private static string Shape(Edge e) => $"{e.Id} {e.From}.{e.Operator}:{e.Port} -> {e.To} {e.Dispatch} [{string.Join(',', e.KeyColumns)}] {e.Ordered} ({e.Schema})";

    private static string Shape(PlanOperator o) => $"{o.Role} {string.Join(',', o.Inputs)} ({o.Output})";

    private enum Swap
    {
        Fold,
        Source,
        Sink,
    }

    private sealed class Swapped(IPlanParts inner, Swap swap) : IPlanParts
    {
        private readonly FoldCode _other = ((FoldNode)SamplePlans.Of("scan").Stages.SelectMany(s => s.Operators).Single(o => o.Role == OperatorRole.Fold).Node).Code;

        public Code? Code(string identity, Schema input, Schema output) => inner.Code(identity, input, output);

        public FoldCode? Fold(string identity, Schema input, Schema output) => swap == Swap.Fold ? _other : inner.Fold(identity, input, output);

        public SourceSpec? Source(int index, string canonical, Schema schema, int partitionCount) =>
            swap == Swap.Source ? new OpaqueSourceSpec(canonical, partitionCount + 1) : inner.Source(index, canonical, schema, partitionCount);

        public SinkSpec? Sink(int index, string canonical, Schema schema) =>
            swap == Swap.Sink ? new OpaqueSinkSpec("other") : inner.Sink(index, canonical, schema);
    }
}
