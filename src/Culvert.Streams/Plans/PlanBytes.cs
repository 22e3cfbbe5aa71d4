using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>
/// Takes a canonical plan apart, byte by byte. Whatever does not fit throws <see cref="PlanFormatException"/>; no count or length
/// leads to an allocation before it is checked against its limit and against the bytes that are left.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct PlanBytes(ReadOnlySpan<byte> bytes)
{
    private const int FieldBytesMin = 3 * sizeof(int);
    private const int NamedBytesMin = 2 * sizeof(int);

    private static readonly UTF8Encoding StrictText = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    internal delegate T ItemReader<out T>(ref PlanBytes bytes);

    internal int Offset { get; private set; }

    internal readonly bool AtEnd => Offset == _bytes.Length;

    internal int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    internal long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    internal int Int(int min, int max, string what)
    {
        int value = Int();
        return value >= min && value <= max ? value : throw new PlanFormatException($"{what} is {value}: {min} to {max} is allowed");
    }

    internal bool Flag(string what) => Int(0, 1, what) == 1;

    /// <summary>How many items follow, each of at least <paramref name="itemBytesMin"/> bytes.</summary>
    internal int Count(int max, int itemBytesMin, string what)
    {
        int count = Int();
        if (count < 0 || count > max)
        {
            throw new PlanFormatException(FailureKind.TooLarge, $"{count} {what}: at most {max} are allowed");
        }

        return count <= (_bytes.Length - Offset) / itemBytesMin
            ? count
            : throw new PlanFormatException($"the end comes before {count} {what} can be there");
    }

    internal ImmutableArray<T> List<T>(int max, int itemBytesMin, string what, ItemReader<T> read)
    {
        int count = Count(max, itemBytesMin, what);
        ImmutableArray<T>.Builder items = ImmutableArray.CreateBuilder<T>(count);
        for (int i = 0; i < count; i++)
        {
            items.Add(read(ref this));
        }

        return items.MoveToImmutable();
    }

    internal string Name(string what) => Text(PlanLimits.NameBytesMax, what);

    internal string Identity(string what) => Text(PlanLimits.IdentityBytesMax, what);

    internal ColumnType Type(bool statesAllowed = false)
    {
        int kind = Int((int)ValueKind.Bool, (int)(statesAllowed ? ValueKind.State : ValueKind.TimeSpan), "a column's kind");
        return new ColumnType((ValueKind)kind, Flag("whether a column may be missing"));
    }

    internal Schema Schema(bool statesAllowed = false)
    {
        int count = Count(PlanLimits.ColumnsMax, FieldBytesMin, "columns");
        Field[] fields = new Field[count];
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            fields[i] = new Field(Name("a column's name"), Type(statesAllowed));
            if (!names.Add(fields[i].Name))
            {
                throw new PlanFormatException("a column occurs twice");
            }
        }

        return new Schema(fields);
    }

    /// <summary>An expression over the columns of <paramref name="input"/>, or over columns that are not known here.</summary>
    internal Expr Expression(Schema? input)
    {
        Expr expr = Expression();
        if (input is not null)
        {
            CheckColumns(expr, input);
        }

        return expr;
    }

    /// <summary>A constant of a type.</summary>
    internal object? Constant(ColumnType type) =>
        Expression() is ConstantExpr constant && constant.Type == type
            ? constant.Value
            : throw new PlanFormatException($"a value of a table is no constant of type {type}");

    internal ImmutableArray<NamedExpr> NamedExpressions(Schema? input, string what)
    {
        int count = Count(PlanLimits.ColumnsMax, NamedBytesMin, what);
        ImmutableArray<NamedExpr>.Builder named = ImmutableArray.CreateBuilder<NamedExpr>(count);
        for (int i = 0; i < count; i++)
        {
            named.Add(new NamedExpr(Name("a column's name"), Expression(input)));
        }

        return named.MoveToImmutable();
    }

    private static void CheckColumns(Expr expr, Schema input)
    {
        if (expr is ColumnExpr column && (column.Index >= input.Count || input[column.Index].Type != column.Type))
        {
            throw new PlanFormatException($"an expression reads column {column.Index} of type {column.Type}, which its input does not have");
        }

        foreach (Expr child in expr.Children)
        {
            CheckColumns(child, input);
        }
    }

    private Expr Expression()
    {
        Outcome<Expr> expr = Expr.ReadCanonical(Take(Count(PlanLimits.BytesMax, 1, "bytes of an expression")));
        return expr.Succeeded ? expr.Value : throw new PlanFormatException(expr.Failure.Kind, expr.Failure.Message);
    }

    private string Text(int bytesMax, string what)
    {
        ReadOnlySpan<byte> text = Take(Count(bytesMax, 1, $"bytes of {what}"));
        try
        {
            return StrictText.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw new PlanFormatException($"{what} is not UTF-8");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - Offset)
        {
            throw new PlanFormatException("the end comes too early");
        }

        Offset += count;
        return _bytes.Slice(Offset - count, count);
    }
}
