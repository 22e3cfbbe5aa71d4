using Culvert.Streams.Expressions;

namespace Culvert.Streams.Tests.Plans;

/// <summary>Under a protection, what is not sealed is read and written where its owner is, and nothing else is there.</summary>
public sealed class OwnerPlacementTests
{
    [Fact]
    public void A_job_in_the_open_has_no_stage_at_the_owner() =>
        Assert.Equal(
            """
            source Open 4 []: Source Where PartialAggregate
            aggregate Open 8 []: FinalAggregate
            sink Open 1 []: Sink
            e0 s0->s1 ByKey
            e1 s1->s2 Gather
            """,
            Show(Sums(isSealed: false), Protection.Open));

    [Fact]
    public void A_source_and_a_sink_in_the_open_are_stages_of_their_own() =>
        Assert.Equal(
            """
            source Enclave 4 [owner]: Source
            where Enclave 4 []: Where PartialAggregate
            aggregate Enclave 8 []: FinalAggregate
            sink Enclave 1 [owner]: Sink
            e0 s0->s1 Forward
            e1 s1->s2 ByKey
            e2 s2->s3 Gather
            """,
            Show(Sums(isSealed: false), Protection.Enclave));

    [Fact]
    public void A_sealed_source_and_a_sealed_sink_are_fused_as_in_the_open() =>
        Assert.Equal(Show(Sums(isSealed: true), Protection.Open).Replace("Open", "Sealed", StringComparison.Ordinal), Show(Sums(isSealed: true), Protection.Sealed));

    [Fact]
    public void A_sink_in_the_open_is_set_apart_from_a_stage_of_one_partition()
    {
        Node source = SamplePlans.Source(isSealed: true);
        AggregateNode count = new(source, [], [new AggregateColumn("n", AggregateFunction.Count, null)]);
        Assert.Equal(
            """
            source Sealed 4 []: Source PartialAggregate
            aggregate Sealed 1 []: FinalAggregate
            sink Sealed 1 [owner]: Sink
            e0 s0->s1 Gather
            e1 s1->s2 Gather
            """,
            Show(new Job("count", new SinkNode(count, new SamplePlans.End("end"))), Protection.Sealed));
        Assert.Equal(
            """
            source Sealed 4 []: Source PartialAggregate
            aggregate Sealed 1 []: FinalAggregate Sink
            e0 s0->s1 Gather
            """,
            Show(new Job("count", new SinkNode(count, new SamplePlans.End("end", true))), Protection.Sealed));
    }

    [Fact]
    public void What_several_read_is_received_once() =>
        Assert.Equal(
            """
            source Enclave 4 [owner]: Source
            where Enclave 4 []: Merge Where Select PartialAggregate
            sink Enclave 1 [owner]: Sink
            aggregate Enclave 8 []: FinalAggregate
            sink-2 Enclave 1 [owner]: Sink
            e0 s0->s1 Forward
            e1 s1->s2 Gather
            e2 s1->s3 ByKey
            e3 s3->s4 Gather
            """,
            Show(SamplePlans.Job("two sinks"), Protection.Enclave));

    [Fact]
    public void What_changes_partition_behind_the_source_leaves_from_the_owner_itself()
    {
        Assert.Equal(
            """
            source Sealed 4 [owner]: Source
            fold Sealed 8 []: Fold
            sink Sealed 1 [owner]: Sink
            e0 s0->s1 ByKey
            e1 s1->s2 Gather
            """,
            Show(SamplePlans.Job("scan with columns"), Protection.Sealed));
        Assert.StartsWith(
            "source Sealed 4 [owner]: Source\nsource-2 Sealed 3 [owner]: Source\nmerge Sealed 4 []: Merge Select\n",
            Show(SamplePlans.Job("merge"), Protection.Sealed),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_computed_behind_the_owner() =>
        Assert.Equal(
            """
            source Sealed 4 [owner]: Source
            keys Sealed 4 []: Select
            fold Sealed 8 []: Fold Select
            sink Sealed 1 [owner]: Sink
            e0 s0->s1 Forward
            e1 s1->s2 ByKey
            e2 s2->s3 Gather
            """,
            Show(SamplePlans.Job("fold by computed key"), Protection.Sealed));

    [Fact]
    public void The_labels_that_an_author_put_on_a_source_stay_on_what_follows()
    {
        Node source = SamplePlans.Source().With(name: "flights", constraints: ["gpu"]);
        Node where = new WhereNode(source, Expr.Constant(true)).With(name: "kept");
        Node apart = new WhereNode(where, Expr.Constant(true)).With(constraints: ["fast"]);
        Assert.Equal(
            """
            flights Enclave 4 [owner]: Source
            kept Enclave 4 [gpu]: Where
            where Enclave 4 [fast]: Where
            sink Enclave 1 [owner]: Sink
            e0 s0->s1 Forward
            e1 s1->s2 Forward
            e2 s2->s3 Gather
            """,
            Show(new Job("labels", new SinkNode(apart, new SamplePlans.End("end"))), Protection.Enclave));
    }

    [Fact]
    public void Nodes_that_fix_their_own_protection_keep_it()
    {
        Node source = SamplePlans.Source().With(protection: Protection.Open);
        Node where = new WhereNode(source, Expr.Constant(true)).With(protection: Protection.Sealed);
        SinkNode sink = (SinkNode)new SinkNode(where, new SamplePlans.End("end")).With(protection: Protection.Open);
        Assert.Equal(
            """
            source Open 4 []: Source
            where Sealed 4 []: Where
            sink Open 1 []: Sink
            e0 s0->s1 Forward
            e1 s1->s2 Gather
            """,
            Show(new Job("own", sink), Protection.Enclave));
    }

    [Fact]
    public void A_source_at_the_owner_delivers_only_the_columns_that_are_touched()
    {
        Plan plan = Plan.Compile(JobProtection.Apply(Sums(isSealed: false), Protection.Enclave));
        Assert.Equal(["key", "n"], plan.Stages[0].Source!.Schema.Fields.Select(f => f.Name));
        Assert.Equal(["key", "n"], plan.Edges[0].Schema.Fields.Select(f => f.Name));
    }

    [Fact]
    public void Another_protection_is_another_plan_of_the_same_job()
    {
        Job job = SamplePlans.Job("filter");
        Job applied = JobProtection.Apply(job, Protection.Sealed);
        Assert.Equal((job.Name, job.KeyPartitions, Protection.Sealed), (applied.Name, applied.KeyPartitions, applied.Protection));
        Assert.NotEqual(Plan.Compile(job).Digest, Plan.Compile(applied).Digest);
    }

    private static Job Sums(bool isSealed)
    {
        Node source = SamplePlans.Source(isSealed: isSealed);
        WhereNode where = new(source, Expr.Binary(BinaryOperator.GreaterThan, Expr.Column(source.Schema, "n"), Expr.Constant(0)));
        AggregateNode sum = new(
            where,
            [new NamedExpr("key", Expr.Column(source.Schema, "key"))],
            [new AggregateColumn("sum", AggregateFunction.Sum, Expr.Column(source.Schema, "n"))]);
        return new Job("sums", new SinkNode(sum, new SamplePlans.End("end", isSealed)));
    }

    private static string Show(Job job, Protection protection)
    {
        Plan plan = Plan.Compile(JobProtection.Apply(job, protection));
        Assert.All(plan.Edges, e => Assert.True(e.From.CompareTo(e.To) < 0));
        Assert.True(Plan.Read(plan.WriteCanonical(), PlanParts.From(plan)).Succeeded);
        return string.Join('\n', plan.Stages.Select(s =>
                $"{s.Name} {s.Protection} {s.PartitionCount} [{string.Join(',', s.Constraints)}]: {string.Join(' ', s.Operators.Select(o => o.Role))}")
            .Concat(plan.Edges.Select(e => $"{e.Id} {e.From}->{e.To} {e.Dispatch}")));
    }
}
