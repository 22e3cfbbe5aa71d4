using System.Linq.Expressions;
using Culvert.Streams.Expressions;
using Culvert.Streams.Kernels;
using Culvert.Streams.Tests.Kernels;

namespace Culvert.Streams.Tests.Expressions;

public class ExpressionTranslatorTests
{
    private static readonly long Threshold = 40;
#pragma warning disable CA2211, IDE0044 // The point is that it can change.
    public static int Changing = 3;
#pragma warning restore CA2211, IDE0044

    [Fact]
    public void Captured_values_become_constants()
    {
        int limit = 3;
        Assert.Equal("(I > 3) && (L < 40)", Text<bool>(r => r.I > limit && r.L < Threshold));
        Assert.Equal("T >= datetime('2008-05-01T00:00:00.0000000')", Text<bool>(r => r.T >= new DateTime(2008, 5, 1)));
        Assert.Equal("T + timespan('00:01:00')", Text<DateTime>(r => r.T + TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void CSharp_forms_have_their_counterparts()
    {
        Assert.Equal("HasValue(In) && (In.Value > 3)", Text<bool>(r => r.In.HasValue && r.In.Value > 3));
        Assert.Equal("IsNull(Sn)", Text<bool>(r => r.Sn == null));
        Assert.Equal("Length(Sn.Value)", Text<int>(r => r.Sn!.Length));
        Assert.Equal("(Sn ?? '') == ''", Text<bool>(r => string.IsNullOrEmpty(r.Sn)));
        Assert.Equal("E == 6", Text<bool>(r => r.E == DayOfWeek.Saturday));
        Assert.Equal("Concat(S, '-', Sn ?? '')", Text<string>(r => string.Concat(r.S, "-", r.Sn)));
        Assert.Equal("In ?? 7", Text<int>(r => r.In.GetValueOrDefault(7)));
    }

    [Fact]
    public void What_cannot_be_translated_is_named()
    {
        Assert.Contains("DateTime.UtcNow", Refusal<bool>(r => r.T < DateTime.UtcNow), StringComparison.Ordinal);
        Assert.Contains("Changing", Refusal<bool>(r => r.I > Changing), StringComparison.Ordinal);
        Assert.Contains("GetHashCode", Refusal<int>(r => r.I.GetHashCode()), StringComparison.Ordinal);
        Assert.Contains("Math.Round has no counterpart", Refusal<double>(r => Math.Round(r.D, MidpointRounding.AwayFromZero)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_right_side_is_evaluated_only_where_it_counts()
    {
        Row[] rows = [new Row { I = 0 }, new Row { I = 4 }, new Row { I = 20 }];
        Assert.Equal([1], Selected(r => r.I != 0 && 10 / r.I > 1, rows));
        Assert.Equal([0, 2], Selected(r => r.I == 0 || 10 / r.I < 1, rows));
        Assert.Equal([0, 1], Selected(r => (r.I == 0 ? 5 : 10 / r.I) > 1, rows));
        Assert.Equal([0, 1, 2], Selected(r => ((int?)r.I ?? (10 / r.I)) >= 0, rows));
        using Batch batch = Rows.Batch(rows);
        Kernel eager = Kernel.Compile(Rows.Translate((Expression<Func<Row, bool>>)(r => r.I != 0 & 10 / r.I > 1)));
        Assert.Equal(0, Assert.Throws<RowFailedException>(() => eager.Evaluate(batch)).Row);
    }

    [Fact]
    public void The_columns_that_are_touched_are_known_and_can_be_renumbered()
    {
        Expr expr = Rows.Translate((Expression<Func<Row, bool>>)(r => r.I > 1 && r.D > r.I));
        int i = Rows.Schema.IndexOf(nameof(Row.I)), d = Rows.Schema.IndexOf(nameof(Row.D));
        Assert.Equal([Math.Min(i, d), Math.Max(i, d)], Expr.Columns(expr));
        Assert.Equal([0, 1], Expr.Columns(Expr.Remap(expr, c => c == i ? 1 : 0)));
        Assert.Equal(expr, Expr.Remap(expr, c => c));
    }

    [Fact]
    public void Invalid_text_is_compared_by_its_bytes()
    {
        Schema schema = new(new Field("S", new ColumnType(ValueKind.Text)));
        using Batch batch = new(schema, [Rows.Text(schema[0].Type, [new byte[] { 0xFF }, new byte[] { 0xFE }, "\uFFFD", "a"])], 4);
        int[] rows = new int[4];
        Kernel kernel = Kernel.Compile(ExpressionParser.Parse("S == '\uFFFD' or length(S) == 1 and S > 'b'", schema).Value);
        Assert.Equal(3, kernel.Select(batch, rows));
        Assert.Equal([0, 1, 2], rows[..3]);
        Assert.Equal(1, Kernel.Compile(ExpressionParser.Parse("S == '\uFFFD'", schema).Value).Select(batch, rows));
    }

    [Fact]
    public void A_plain_column_is_shared_and_not_copied()
    {
        using Batch batch = Rows.Batch([new Row { I = 7 }]);
        using Column column = Kernel.Compile(Expr.Column(Rows.Schema, nameof(Row.I))).Evaluate(batch);
        Assert.Same(batch[Rows.Schema.IndexOf(nameof(Row.I))], column);
    }

    private static int[] Selected(Expression<Func<Row, bool>> predicate, Row[] rows)
    {
        using Batch batch = Rows.Batch(rows);
        int[] selected = new int[rows.Length];
        return selected[..Kernel.Compile(Rows.Translate(predicate)).Select(batch, selected)];
    }

    private static string Text<T>(Expression<Func<Row, T>> lambda) => Rows.Translate(lambda).ToString();

    private static string Refusal<T>(Expression<Func<Row, T>> lambda)
    {
        Outcome<Expr> outcome = ExpressionTranslator.Translate(lambda, Rows.Resolve);
        Assert.False(outcome.Succeeded);
        return outcome.Failure.Message;
    }
}
