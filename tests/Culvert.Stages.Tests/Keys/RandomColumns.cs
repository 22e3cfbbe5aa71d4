using Culvert.Streams;

namespace Culvert.Stages.Tests;

/// <summary>Columns of random values with the ones that break things among them.</summary>
internal static class RandomColumns
{
    internal static readonly ValueKind[] Kinds =
    [
        ValueKind.Bool, ValueKind.Int8, ValueKind.UInt8, ValueKind.Int16, ValueKind.UInt16, ValueKind.Int32, ValueKind.UInt32,
        ValueKind.Int64, ValueKind.UInt64, ValueKind.Float32, ValueKind.Float64, ValueKind.Decimal, ValueKind.Text, ValueKind.Bytes,
        ValueKind.DateTime, ValueKind.DateTimeOffset, ValueKind.TimeSpan,
    ];

    internal static Column Make(Random random, ColumnType type, int count)
    {
        ColumnBuilder builder = ColumnBuilder.Create(type);
        for (int i = 0; i < count; i++)
        {
            builder.AppendObject(type.Nullable && random.Next(5) == 0 ? null : Value(random, type.Kind));
        }

        return builder.Build();
    }

    internal static object Value(Random random, ValueKind kind) => kind switch
    {
        ValueKind.Bool => random.Next(2) == 0,
        ValueKind.Int8 => (sbyte)random.Next(-128, 128),
        ValueKind.UInt8 => (byte)random.Next(256),
        ValueKind.Int16 => (short)random.Next(short.MinValue, short.MaxValue + 1),
        ValueKind.UInt16 => (ushort)random.Next(65536),
        ValueKind.Int32 => Pick(random, int.MinValue, int.MaxValue, 0, -1, random.Next(-9, 9)),
        ValueKind.UInt32 => Pick(random, uint.MinValue, uint.MaxValue, (uint)random.Next(9)),
        ValueKind.Int64 => Pick(random, long.MinValue, long.MaxValue, 0L, -1L, random.NextInt64(-9, 9)),
        ValueKind.UInt64 => Pick(random, ulong.MinValue, ulong.MaxValue, (ulong)random.Next(9)),
        ValueKind.Float32 => Pick(random, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, float.Epsilon, random.Next(-9, 9) / 4f),
        ValueKind.Float64 => Pick(random, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0d, -0d, double.Epsilon, random.Next(-9, 9) / 4d),
        ValueKind.Decimal => Pick(random, decimal.MinValue, decimal.MaxValue, 0m, 1.0m, 1.00m, -1.5m, 0.0000000000000000000000000001m, random.Next(-99, 99) / 10m),
        ValueKind.Text => Pick(random, "", "a", "ab", "a\0", "a\0b", "\0", "\0\0", "é", "z", "aa", ((char)random.Next(97, 105)).ToString()),
        ValueKind.Bytes => Pick<byte[]>(random, [], [0], [0, 0], [0, 255], [255], [1, 0], [1], [(byte)random.Next(256)]),
        ValueKind.DateTime => new DateTime(random.NextInt64(0, 99), (DateTimeKind)random.Next(3)),
        ValueKind.DateTimeOffset => new DateTimeOffset(new DateTime(638_000_000_000_000_000 + (random.NextInt64(0, 9) * TimeSpan.TicksPerHour)), TimeSpan.FromHours(random.Next(-3, 3))),
        ValueKind.TimeSpan => new TimeSpan(random.NextInt64(-99, 99)),
        _ => throw new InvalidOperationException($"{kind}"),
    };

    private static object Pick<T>(Random random, params T[] values)
        where T : notnull => values[random.Next(values.Length)];
}
