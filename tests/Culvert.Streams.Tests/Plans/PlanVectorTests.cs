using Culvert.Streams.Expressions;

namespace Culvert.Streams.Tests.Plans;

/// <summary>The golden plan and the flaws of tests/vectors/plan, as docs/specs/plan.md has them.</summary>
public sealed class PlanVectorTests
{
    private const string Whole = "late-flights";

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "vectors", "plan");

    public static TheoryData<string> Flaws =>
        [.. Directory.GetFiles(Folder).Select(f => Path.GetFileNameWithoutExtension(f)).Where(n => n != Whole).Order(StringComparer.Ordinal)];

    [Fact]
    public void The_golden_plan_is_what_the_job_compiles_to()
    {
        (string head, byte[] bytes) = Read(Whole);
        Schema schema = new(new Field("ArrDelay", new ColumnType(ValueKind.Int32, true)), new Field("UniqueCarrier", new ColumnType(ValueKind.Text)));
        SourceNode flights = new(new OpaqueSourceSpec("flights", 2), schema);
        WhereNode late = new(flights, Expr.Binary(
            BinaryOperator.GreaterThan, Expr.Convert(Expr.Column(schema, "ArrDelay"), new ColumnType(ValueKind.Int64, true), isChecked: true), Expr.Constant(0L)));
        Plan plan = Plan.Compile(new Job("late", new SinkNode(late, new OpaqueSinkSpec("table"))));

        Assert.Equal(Convert.ToHexStringLower(bytes), Convert.ToHexStringLower(plan.WriteCanonical()));
        Assert.Equal($"digest: {plan.Digest}", head);
        Assert.Equal(plan.Digest, Plan.Read(bytes, PlanParts.Opaque).Value.Digest);
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public void A_flawed_plan_is_refused_for_its_flaw(string name)
    {
        (string head, byte[] bytes) = Read(name);
        string[] expected = head["refused: ".Length..].Split(", ", 2);

        Failure? refused = Plan.Read(bytes, PlanParts.Opaque).Failure;

        Assert.Equal(expected[0], refused?.Kind.ToString());
        Assert.Contains(expected[1], refused!.Message, StringComparison.Ordinal);
    }

    private static (string Head, byte[] Bytes) Read(string name)
    {
        string[] lines = [.. File.ReadAllLines(Path.Combine(Folder, name + ".txt")).Where(l => l.Length > 0 && l[0] != '#')];
        return (lines[0], Convert.FromHexString(string.Concat(lines[1..])));
    }
}
