using System.Linq.Expressions;
using System.Reflection;
using System.Text;
using Culvert.Streams.Expressions;

namespace Culvert.Streams.Tests.Kernels;

/// <summary>Rows as columns, and C# expressions over them as kernels see them.</summary>
public static class Rows
{
    private static readonly PropertyInfo[] Properties = typeof(Row).GetProperties();

    public static readonly Schema Schema = new(Properties.Select(p => new Field(
        p.Name,
        p.Name == nameof(Row.S) ? new ColumnType(ValueKind.Text) : ExpressionTranslator.TypeOf(p.PropertyType)!.Value)));

    public static Expr? Resolve(Expression e) =>
        e is MemberExpression { Expression: ParameterExpression } member && member.Member.DeclaringType == typeof(Row)
            ? Expr.Column(Schema, member.Member.Name)
            : null;

    public static Expr Translate(LambdaExpression lambda) => ExpressionTranslator.Translate(lambda, Resolve).Value;

    /// <summary>The rows as a batch; texts as a dictionary if asked.</summary>
    public static Batch Batch(IReadOnlyList<Row> rows, bool dictionary = false) =>
        new(Schema, [.. Properties.Select((p, i) => Column(Schema[i].Type, [.. rows.Select(p.GetValue)], dictionary))], rows.Count);

    public static Column Column(ColumnType type, object?[] values, bool dictionary = false) => type.Kind switch
    {
        ValueKind.Bool => Fixed<bool>(type, values),
        ValueKind.UInt8 => Fixed<byte>(type, values),
        ValueKind.Int16 => Fixed<short>(type, values),
        ValueKind.Int32 => Fixed<int>(type, [.. values.Select(v => v is DayOfWeek d ? (int)d : v)]),
        ValueKind.UInt32 => Fixed<uint>(type, values),
        ValueKind.Int64 => Fixed<long>(type, values),
        ValueKind.UInt64 => Fixed<ulong>(type, values),
        ValueKind.Float32 => Fixed<float>(type, values),
        ValueKind.Float64 => Fixed<double>(type, values),
        ValueKind.Decimal => Fixed<decimal>(type, values),
        ValueKind.DateTime => Fixed<DateTime>(type, values),
        ValueKind.TimeSpan => Fixed<TimeSpan>(type, values),
        ValueKind.Text => dictionary ? Dictionary(type, values) : Text(type, values),
        _ => throw new NotSupportedException(),
    };

    public static TextColumn Text(ColumnType type, object?[] values)
    {
        int[] offsets = new int[values.Length + 1];
        List<byte> data = [];
        for (int i = 0; i < values.Length; i++)
        {
            data.AddRange(values[i] as byte[] ?? Encoding.UTF8.GetBytes((string?)values[i] ?? string.Empty));
            offsets[i + 1] = data.Count;
        }

        return new TextColumn(type, offsets, [.. data], values.Length, Validity(values), new TrackingPool());
    }

    private static DictionaryColumn Dictionary(ColumnType type, object?[] values)
    {
        // An entry that no row has must not make a row fail.
        object[] entries = [.. values.OfType<object>().Append("unused").Append(string.Empty).Distinct()];
        int[] codes = [.. values.Select(v => v is null ? 0 : Array.IndexOf(entries, v))];
        return new DictionaryColumn(type, codes, Text(type with { Nullable = false }, entries), values.Length, Validity(values), new TrackingPool());
    }

    private static FixedColumn<T> Fixed<T>(ColumnType type, object?[] values)
        where T : unmanaged => new(type, [.. values.Select(v => v is null ? default : (T)v)], values.Length, Validity(values), new TrackingPool());

    private static ulong[]? Validity(object?[] values)
    {
        if (!values.Contains(null))
        {
            return null;
        }

        ulong[] words = new ulong[Bitmap.WordCount(values.Length)];
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is not null)
            {
                Bitmap.Set(words, i);
            }
        }

        return words;
    }
}
