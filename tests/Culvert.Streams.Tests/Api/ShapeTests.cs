using System.Diagnostics.CodeAnalysis;

namespace Culvert.Streams.Tests.Api;

[SuppressMessage("Design", "CA1034", Justification = "The types are the subject.")]
public class ShapeTests
{
    private sealed record WithList(int Id, List<int> Tags);

    private sealed class OnlyReadable
    {
        public int Size => 3;
    }

    private sealed class NeedsMore(int something)
    {
        public int Other { get; set; } = something;
    }

    private record Base(int A)
    {
        public string? Note { get; init; }
    }

    private sealed record Derived(int A, long B) : Base(A);

    private sealed record Renamed([property: Column("arr_delay")] int? Delay, [Column("c")] string Carrier);

    private sealed record Twice([property: Column("x")] int A, [property: Column("x")] int B);

    private sealed record Pair<TFirst, TSecond>(TFirst First, TSecond Second);

    private struct Fields
    {
        public int A;
        public readonly int B;

        public Fields(int other) => (A, B) = (0, other);
    }

    private static string SchemaOf<T>() => RowShape<T>.Instance.Schema.ToString();

    private static string RefusalOf<T>() => Assert.Throws<JobDefinitionException>(() => RowShape<T>.Instance).Message;

    [Fact]
    public void MembersOfBaseRecordsAreColumnsToo() => Assert.Equal("A: int32, B: int64, Note: text?", SchemaOf<Derived>());

    [Fact]
    public void AnAttributeNamesTheColumnOnPropertyOrParameter() => Assert.Equal("arr_delay: int32?, c: text", SchemaOf<Renamed>());

    [Fact]
    public void NullabilityOfTextIsWhatTheMemberDeclares() =>
        Assert.Equal("Carrier: text, ArrDelay: int32?, Distance: int32, At: datetime, Tail: text?", SchemaOf<Flight>());

    [Fact]
    public void MembersOfATypeParametersTypeMayBeNullWhereTheyCan() => Assert.Equal("First: text?, Second: int32", SchemaOf<Pair<string, int>>());

    [Fact]
    public void FieldsThatCannotBeSetAreNoColumns()
    {
        Assert.Equal("A: int32", SchemaOf<Fields>());
        Assert.Equal(2, new Fields(2).B);
    }

    [Fact]
    public void AMemberWithoutAColumnTypeIsRefusedByName()
    {
        Assert.Contains("'Tags' is a List<int32>".Replace("int32", "Int32", StringComparison.Ordinal), RefusalOf<WithList>(), StringComparison.Ordinal);
        Assert.Contains("WithList", RefusalOf<WithList>(), StringComparison.Ordinal);
    }

    [Fact]
    public void TypesWithoutColumnsOrAConstructorAreRefused()
    {
        Assert.Contains("no public member that can be set", RefusalOf<OnlyReadable>(), StringComparison.Ordinal);
        Assert.Contains("public constructor", RefusalOf<NeedsMore>(), StringComparison.Ordinal);
        Assert.Contains("cannot be an event", RefusalOf<object>(), StringComparison.Ordinal);
        Assert.Contains("cannot be an event", RefusalOf<int[]>(), StringComparison.Ordinal);
        Assert.Contains("'x' occurs twice", RefusalOf<Twice>(), StringComparison.Ordinal);
        Assert.Equal(3, new OnlyReadable().Size);
        Assert.Equal(4, new NeedsMore(4).Other);
    }

    [Fact]
    public void AShapeKnownAtRunTimeOnlyIsTheSame()
    {
        Assert.Same(RowShape<Flight>.Instance, RowShape.Of(typeof(Flight)));
        Assert.Throws<JobDefinitionException>(() => RowShape.Of(typeof(WithList)));
    }
}
