using Culvert.Streams.Expressions;
using Culvert.Streams.Kernels;
using Culvert.Streams.Tests.Kernels;

namespace Culvert.Streams.Tests.Expressions;

public class ExpressionParserTests
{
    private static readonly Schema Flights = new(
        new Field("ArrDelay", new ColumnType(ValueKind.Int32, true)),
        new Field("UniqueCarrier", new ColumnType(ValueKind.Text)),
        new Field("Distance", new ColumnType(ValueKind.Float64)),
        new Field("Tail Number", new ColumnType(ValueKind.Text, true)),
        new Field("Departed", new ColumnType(ValueKind.DateTime)),
        new Field("Fare", new ColumnType(ValueKind.Decimal)),
        new Field("Cancelled", new ColumnType(ValueKind.Bool, true)));

    private static readonly object?[][] Rows =
    [
        [5, "AA", 100.5, "N1", new DateTime(2008, 5, 1, 13, 30, 0), 12.50m, false],
        [null, "UA", -3.0, null, new DateTime(2008, 5, 2), 0m, null],
        [int.MinValue, "naïve", double.NaN, "", new DateTime(2009, 1, 1), -1m, true],
    ];

    [Theory]
    [InlineData("ArrDelay > 0", true, false, false)]
    [InlineData("not (ArrDelay > 0)", false, true, true)]
    [InlineData("ArrDelay > 0 and UniqueCarrier == 'AA'", true, false, false)]
    [InlineData("ArrDelay is null || `Tail Number` = ''", false, true, true)]
    [InlineData("ArrDelay is not null", true, false, true)]
    [InlineData("`Tail Number` != null", true, false, true)]
    [InlineData("UniqueCarrier in ('AA', 'UA')", true, true, false)]
    [InlineData("UniqueCarrier not in ('AA', 'UA')", false, false, true)]
    [InlineData("Distance between -3 and 100", false, true, false)]
    [InlineData("Distance not between -3 and 100", true, false, true)]
    [InlineData("Departed >= datetime('2008-05-01') + 1d", false, true, true)]
    [InlineData("Departed - datetime('2008-05-01T13:00:00') < 31m", true, false, false)]
    [InlineData("Fare == 12.5", true, false, false)]
    [InlineData("Cancelled", false, false, true)]
    [InlineData("!Cancelled", true, false, false)]
    [InlineData("Cancelled or ArrDelay > 1", true, false, true)]
    [InlineData("ArrDelay != 5 && 10 / (ArrDelay - 5) > -1000", false, false, true)]
    [InlineData("starts_with(lower(UniqueCarrier), 'a')", true, false, false)]
    [InlineData("year(Departed) = 2009", false, false, true)]
    [InlineData("3 < 4", true, true, true)]
    public void A_condition_holds_for_these_rows(string text, params bool[] expected)
    {
        Kernel kernel = Kernel.Compile(Parse(text, new ColumnType(ValueKind.Bool)));
        using Batch batch = Batch();
        int[] rows = new int[3];
        int count = kernel.Select(batch, rows);
        Assert.Equal(Enumerable.Range(0, 3).Where(i => expected[i]), rows.Take(count));
    }

    [Theory]
    [InlineData("ArrDelay * 2 + 1", "int64?", 11L)]
    [InlineData("7 / 2", "int64", 3L)]
    [InlineData("7 / 2.0", "float64", 3.5)]
    [InlineData("2 + 3 * 4 - -1", "int64", 15L)]
    [InlineData("-9223372036854775808", "int64", long.MinValue)]
    [InlineData("UniqueCarrier + '-' + ArrDelay", "text", "AA-5")]
    [InlineData("length(UniqueCarrier)", "int32", 2)]
    [InlineData("if(ArrDelay > 0, 'late', 'on time')", "text", "late")]
    [InlineData("Cancelled ? 1 : 2.5", "float64", 2.5)]
    [InlineData("ArrDelay > 9 ? ArrDelay : null", "int32?", null)]
    [InlineData("ArrDelay ?? 0", "int64", 5L)]
    [InlineData("max(ArrDelay, 7.5)", "float64?", 7.5)]
    [InlineData("round(Distance)", "float64", 100.0)]
    [InlineData("parseInteger('12x')", "int64?", null)]
    [InlineData("'it''s'", "text", "it's")]
    [InlineData("substring(UniqueCarrier, 1)", "text", "A")]
    public void An_expression_has_a_type_and_a_value_in_the_first_row(string text, string type, object? value)
    {
        Expr expr = Parse(text);
        Assert.Equal(type, expr.Type.ToString());
        using Batch batch = Batch(1);
        using Column column = Kernel.Compile(expr).Evaluate(batch);
        Assert.Equal(value, column.GetValue(0));
    }

    [Theory]
    [InlineData("ArDelay > 0", 1, 1, "there is no column 'ArDelay'; did you mean 'ArrDelay'?")]
    [InlineData("ArrDelay > ", 1, 12, "expected a value, a column or '(', found the end")]
    [InlineData("ArrDelay >\n  'late'", 1, 10, "'>' does not apply to int32? and text")]
    [InlineData("ArrDelay > 0 and\n  Foo", 2, 3, "there is no column 'Foo'")]
    [InlineData("(ArrDelay > 0", 1, 14, "expected ')', found the end")]
    [InlineData("ArrDelay > 0 UniqueCarrier", 1, 14, "expected an operator or the end, found 'UniqueCarrier'")]
    [InlineData("ArrDelay + 1", 1, 1, "expected bool, but the expression is int64?")]
    [InlineData("lenght(UniqueCarrier) > 1", 1, 1, "there is no function 'lenght'; did you mean 'length'?")]
    [InlineData("'open", 1, 1, "the closing ' is missing")]
    [InlineData("ArrDelay > 99999999999999999999", 1, 12, "99999999999999999999 does not fit int64")]
    [InlineData("5x > 1", 1, 1, "'x' is no unit of time: us, ms, s, m, h and d are")]
    [InlineData("Fare > Distance", 1, 6, "'>' does not apply to float64 and decimal: convert one with decimal(...) or float64(...)")]
    [InlineData("ArrDelay # 1", 1, 10, "'#' has no meaning here")]
    [InlineData("null + 1 > 2", 1, 6, "null has no type here")]
    [InlineData("datetime('May') > Departed", 1, 1, "'May' is no moment: write '2008-05-01' or '2008-05-01T13:30:00'")]
    public void A_mistake_is_reported_where_it_is(string text, int line, int column, string message)
    {
        Outcome<Expr> outcome = ExpressionParser.Parse(text, Flights, new ColumnType(ValueKind.Bool), out int offset);
        Assert.Equal($"line {line}, column {column}: {message}", outcome.Failure?.Message);
        Assert.Equal((line, column), ExpressionParser.Position(text, offset));
    }

    [Theory]
    [InlineData("9223372036854775807 + ArrDelay", 0, "the value does not fit int64? in `9223372036854775807 + int64(ArrDelay)`")]
    [InlineData("100 / (ArrDelay - 5)", 0, "division by zero in `100 / (int64(ArrDelay) - 5)`")]
    [InlineData("int8(ArrDelay)", 2, "the value does not fit int8? in `int8(ArrDelay)`")]
    [InlineData("substring(UniqueCarrier, 3)", 0, "a part that lies outside the text in `Substring(UniqueCarrier, 3)`")]
    public void A_row_that_fails_is_named_with_the_reason(string text, int row, string message)
    {
        using Batch batch = Batch();
        RowFailedException failure = Assert.Throws<RowFailedException>(() => Kernel.Compile(Parse(text)).Evaluate(batch));
        Assert.Equal((row, message), (failure.Row, failure.Message));
    }

    [Theory]
    [InlineData('(')]
    [InlineData('-')]
    [InlineData('!')]
    public void Deep_nesting_is_refused(char prefix) =>
        Assert.Contains("more than 200 levels", ExpressionParser.Parse(new string(prefix, 5_000) + "1", Flights).Failure?.Message);

    [Fact]
    public void A_long_sum_is_refused_and_a_long_list_is_not()
    {
        Assert.Equal(FailureKind.Malformed, ExpressionParser.Parse(string.Join("+", Enumerable.Repeat("1", 1_000)), Flights).Failure?.Kind);
        Assert.True(ExpressionParser.Parse($"ArrDelay in ({string.Join(",", Enumerable.Range(0, 1_000))})", Flights).Succeeded);
    }

    private static Expr Parse(string text, ColumnType? expected = null)
    {
        Outcome<Expr> outcome = ExpressionParser.Parse(text, Flights, expected);
        Assert.True(outcome.Succeeded, outcome.Failure?.Message);
        return outcome.Value;
    }

    private static Batch Batch(int count = 3) =>
        new(Flights, [.. Flights.Fields.Select((f, i) => Tests.Kernels.Rows.Column(f.Type, [.. Rows.Take(count).Select(r => r[i])]))], count);
}
