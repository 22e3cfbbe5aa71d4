using System.Buffers;
using System.Collections.Immutable;

namespace Culvert.Streams.Expressions;

/// <summary>
/// A typed expression over the columns of one row: plain data, immutable, with structural equality. However it was
/// written (C#, job file, query), this is what the plan's digest covers, what kernels are compiled from and what circuits
/// are built from. Nodes are made by the static methods here, which refuse types that do not fit with
/// <see cref="ExpressionTypeException"/>, so that an ill-typed tree cannot exist.
/// </summary>
public abstract record Expr
{
    /// <summary>Levels of a tree: deeper ones are refused, so that recursion over it is safe on any stack.</summary>
    public const int DepthMax = 200;

    /// <summary>Nodes of a tree; a shared sub-tree counts as often as it occurs.</summary>
    public const int NodesMax = 20_000;

    private protected Expr(ColumnType type, bool canFail, ReadOnlySpan<Expr> children)
    {
        Type = type;
        int depth = 0;
        long nodes = 1;
        foreach (Expr child in children)
        {
            depth = Math.Max(depth, child.Depth);
            nodes += child.NodeCount;
            canFail |= child.CanFail;
        }

        if (depth >= DepthMax || nodes > NodesMax)
        {
            throw new ExpressionTypeException($"the expression is too large: at most {DepthMax} levels and {NodesMax} parts are allowed");
        }

        Depth = depth + 1;
        NodeCount = (int)nodes;
        CanFail = canFail;
    }

    /// <summary>Kind and nullability of the value.</summary>
    public ColumnType Type { get; }

    /// <summary>Levels, 1 for a leaf.</summary>
    public int Depth { get; }

    /// <summary>Nodes, this one included.</summary>
    public int NodeCount { get; }

    /// <summary>Whether some row could fail: a division, a checked operation, a value that is missing.</summary>
    public bool CanFail { get; }

    /// <summary>The operands, in order of evaluation.</summary>
    public abstract ImmutableArray<Expr> Children { get; }

    /// <summary>The column at an index of the input's schema.</summary>
    public static ColumnExpr Column(int index, string name, ColumnType type) => new(index, name, type);

    /// <summary>The column of this name; asking for one that is not there is a programming error.</summary>
    public static ColumnExpr Column(Schema schema, string name)
    {
        int index = schema.IndexOf(name);
        ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(name));
        return new ColumnExpr(index, name, schema[index].Type);
    }

    /// <summary>A value of a given type: null, a number, a string for text, a byte[] for bytes.</summary>
    public static ConstantExpr Constant(object? value, ColumnType type) => new(value, type);

    /// <summary>A value of the type that it has in .NET.</summary>
    public static ConstantExpr Constant(object value) => ConstantExpr.Of(value);

    /// <summary>An operator applied to one operand.</summary>
    public static UnaryExpr Unary(UnaryOperator op, Expr operand) => new(op, operand);

    /// <summary>An operator applied to two operands of one kind (shifts and dates aside); nullability may differ.</summary>
    public static BinaryExpr Binary(BinaryOperator op, Expr left, Expr right) => new(op, left, right);

    /// <summary>One of two values of one kind, by a boolean that is never null; the other is not evaluated.</summary>
    public static ConditionalExpr Conditional(Expr test, Expr whenTrue, Expr whenFalse) => new(test, whenTrue, whenFalse);

    /// <summary>A number as another kind of number, or anything as itself with nulls allowed; a checked one fails the row where the value does not fit.</summary>
    public static ConvertExpr Convert(Expr operand, ColumnType type, bool isChecked = false) => new(operand, type, isChecked);

    /// <summary>A function's value.</summary>
    public static CallExpr Call(Function function, params ReadOnlySpan<Expr> arguments) => new(function, [.. arguments]);

    /// <summary>The indexes of the columns that are touched, ascending, each once.</summary>
    public static ImmutableArray<int> Columns(Expr expr)
    {
        SortedSet<int> found = [];
        Collect(expr, found);
        return [.. found];
    }

    /// <summary>The same expression over a schema in which column i is at <paramref name="map"/>(i): for projection push-down.</summary>
    public static Expr Remap(Expr expr, Func<int, int> map) =>
        Rewrite(expr, leaf => leaf is ColumnExpr column ? new ColumnExpr(map(column.Index), column.Name, column.Type) : leaf);

    /// <summary>The same expression with every column replaced: for fusing an operator into the one before it.</summary>
    public static Expr Substitute(Expr expr, Func<ColumnExpr, Expr> replacement) =>
        Rewrite(expr, leaf => leaf is ColumnExpr column ? replacement(column) : leaf);

    /// <summary>Text that reads like the C# it came from.</summary>
    public static string Print(Expr expr) => ExprPrinter.Print(expr);

    /// <summary>Writes the one canonical encoding (docs/specs/expression.md).</summary>
    public void WriteCanonical(IBufferWriter<byte> writer) => ExprCodec.Write(this, writer);

    /// <summary>Reads what <see cref="WriteCanonical"/> wrote; anything else, from wherever, is refused as malformed.</summary>
    public static Outcome<Expr> ReadCanonical(ReadOnlySpan<byte> bytes) => ExprCodec.Read(bytes);

    /// <inheritdoc/>
    public sealed override string ToString() => Print(this);

    private static void Collect(Expr expr, SortedSet<int> found)
    {
        if (expr is ColumnExpr column)
        {
            found.Add(column.Index);
        }

        foreach (Expr child in expr.Children)
        {
            Collect(child, found);
        }
    }

    private static Expr Rewrite(Expr expr, Func<Expr, Expr> leaf) => expr switch
    {
        UnaryExpr e => new UnaryExpr(e.Operator, Rewrite(e.Operand, leaf)),
        BinaryExpr e => new BinaryExpr(e.Operator, Rewrite(e.Left, leaf), Rewrite(e.Right, leaf)),
        ConditionalExpr e => new ConditionalExpr(Rewrite(e.Test, leaf), Rewrite(e.WhenTrue, leaf), Rewrite(e.WhenFalse, leaf)),
        ConvertExpr e => new ConvertExpr(Rewrite(e.Operand, leaf), e.Type, e.IsChecked),
        CallExpr e => new CallExpr(e.Function, [.. e.Arguments.Select(a => Rewrite(a, leaf))]),
        _ => leaf(expr),
    };
}
