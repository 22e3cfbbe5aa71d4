using System.Globalization;
using System.Text;
using Culvert.Streams;

namespace Culvert.Lua.Tests;

/// <summary>Batches and schemas, written as a test wants to read them.</summary>
internal static class Events
{
    internal static readonly Schema Lines = Of("line: text");

    internal static Schema Of(params string[] fields) => new(fields.Select(f =>
    {
        string[] parts = f.Split(": ");
        Assert.True(ColumnType.TryParse(parts[1], out ColumnType type), f);
        return new Field(parts[0], type);
    }));

    /// <summary>A batch of rows of objects, null for what is missing; text may be given as bytes.</summary>
    internal static Batch Batch(Schema schema, params object?[][] rows) =>
        new(schema, [.. Enumerable.Range(0, schema.Count).Select(i => Column(schema[i].Type, [.. rows.Select(r => r[i])]))], rows.Length);

    internal static Batch LineBatch(params string[] lines) => Batch(Lines, [.. lines.Select(l => new object?[] { l })]);

    /// <summary>The rows of a batch as text, one each, for comparisons that show what differs.</summary>
    internal static string[] Rows(Batch batch) =>
        [.. Enumerable.Range(0, batch.Count).Select(r => string.Join(" ", batch.GetRow(r).Select(Word)))];

    internal static LuaScript Script(string source, LuaLimits? limits = null) => new("test.lua", source, limits);

    private static string Word(object? value) => value switch
    {
        null => "-",
        byte[] bytes => Convert.ToHexString(bytes),
        DateTime moment => moment.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset moment => moment.ToString("O", CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    private static Column Column(ColumnType type, object?[] values)
    {
        ulong[]? validity = null;
        if (values.Contains(null))
        {
            validity = new ulong[Bitmap.WordCount(values.Length)];
            for (int i = 0; i < values.Length; i++)
            {
                if (values[i] is not null)
                {
                    Bitmap.Set(validity, i);
                }
            }
        }

        Column Fixed<T>()
            where T : unmanaged =>
            new FixedColumn<T>(type, [.. values.Select(v => v is null ? default : (T)Convert.ChangeType(v, typeof(T), CultureInfo.InvariantCulture))], values.Length, validity, Plain.Pool);

        return type.Kind switch
        {
            ValueKind.Bool => Fixed<bool>(),
            ValueKind.Int8 => Fixed<sbyte>(),
            ValueKind.UInt8 => Fixed<byte>(),
            ValueKind.Int16 => Fixed<short>(),
            ValueKind.UInt16 => Fixed<ushort>(),
            ValueKind.Int32 => Fixed<int>(),
            ValueKind.UInt32 => Fixed<uint>(),
            ValueKind.Int64 => Fixed<long>(),
            ValueKind.UInt64 => Fixed<ulong>(),
            ValueKind.Float32 => Fixed<float>(),
            ValueKind.Float64 => Fixed<double>(),
            ValueKind.Decimal => Fixed<decimal>(),
            ValueKind.DateTime => Fixed<DateTime>(),
            ValueKind.DateTimeOffset => Fixed<DateTimeOffset>(),
            ValueKind.TimeSpan => Fixed<TimeSpan>(),
            _ => Text(type, values, validity),
        };
    }

    private static TextColumn Text(ColumnType type, object?[] values, ulong[]? validity)
    {
        int[] offsets = new int[values.Length + 1];
        List<byte> data = [];
        for (int i = 0; i < values.Length; i++)
        {
            data.AddRange(values[i] switch
            {
                null => [],
                byte[] bytes => bytes,
                object text => Encoding.UTF8.GetBytes((string)text),
            });
            offsets[i + 1] = data.Count;
        }

        return new TextColumn(type, offsets, [.. data], values.Length, validity, Plain.Pool);
    }

    /// <summary>Takes arrays that were not rented.</summary>
    private sealed class Plain : ColumnPool
    {
        internal static readonly Plain Pool = new();

        public override T[] Rent<T>(int length) => new T[length];

        public override void Return<T>(T[] array)
        {
        }
    }
}
