namespace Culvert.Streams;

/// <summary>What the values of a column are. The numbers are part of the canonical plan and never change.</summary>
public enum ValueKind : byte
{
    Bool = 1,
    Int8 = 2,
    UInt8 = 3,
    Int16 = 4,
    UInt16 = 5,
    Int32 = 6,
    UInt32 = 7,
    Int64 = 8,
    UInt64 = 9,
    Float32 = 10,
    Float64 = 11,
    Decimal = 12,

    /// <summary>Bytes that are UTF-8 in files that behave, and any bytes in those that do not.</summary>
    Text = 13,

    Bytes = 14,

    /// <summary>A moment as .NET's <see cref="System.DateTime"/>: ticks of 100 ns since 0001-01-01, with its kind.</summary>
    DateTime = 15,

    DateTimeOffset = 16,
    TimeSpan = 17,

    /// <summary>The unfinished state of an aggregate: fixed-size bytes that only that aggregate reads.</summary>
    State = 18,
}

/// <summary>The type of a column: a kind, and whether a value may be missing.</summary>
public readonly record struct ColumnType(ValueKind Kind, bool Nullable = false)
{
    /// <summary>True for kinds that arithmetic is defined on.</summary>
    public bool IsNumeric => Kind is >= ValueKind.Int8 and <= ValueKind.Decimal;

    /// <summary>True for the whole-number kinds.</summary>
    public bool IsInteger => Kind is >= ValueKind.Int8 and <= ValueKind.UInt64;

    /// <summary>True for kinds whose values are byte sequences of any length.</summary>
    public bool IsBytes => Kind is ValueKind.Text or ValueKind.Bytes;

    /// <summary>The same kind, with values that may be missing.</summary>
    public ColumnType AsNullable() => this with { Nullable = true };

    /// <summary>The .NET type of one value in a column's array (for text and bytes: <see cref="byte"/>[]).</summary>
    public Type StorageType => Kind switch
    {
        ValueKind.Bool => typeof(bool),
        ValueKind.Int8 => typeof(sbyte),
        ValueKind.UInt8 => typeof(byte),
        ValueKind.Int16 => typeof(short),
        ValueKind.UInt16 => typeof(ushort),
        ValueKind.Int32 => typeof(int),
        ValueKind.UInt32 => typeof(uint),
        ValueKind.Int64 => typeof(long),
        ValueKind.UInt64 => typeof(ulong),
        ValueKind.Float32 => typeof(float),
        ValueKind.Float64 => typeof(double),
        ValueKind.Decimal => typeof(decimal),
        ValueKind.Text or ValueKind.Bytes => typeof(byte[]),
        ValueKind.DateTime => typeof(DateTime),
        ValueKind.DateTimeOffset => typeof(DateTimeOffset),
        ValueKind.TimeSpan => typeof(TimeSpan),
        _ => throw new InvalidOperationException($"{Kind} has no storage type of its own"),
    };

    /// <summary>The kind that stores <paramref name="type"/> (an enum is stored as its underlying integer), or null.</summary>
    public static ValueKind? KindOf(Type type)
    {
        type = type.IsEnum ? Enum.GetUnderlyingType(type) : type;
        return type == typeof(bool) ? ValueKind.Bool
            : type == typeof(sbyte) ? ValueKind.Int8
            : type == typeof(byte) ? ValueKind.UInt8
            : type == typeof(short) ? ValueKind.Int16
            : type == typeof(ushort) ? ValueKind.UInt16
            : type == typeof(int) ? ValueKind.Int32
            : type == typeof(uint) ? ValueKind.UInt32
            : type == typeof(long) ? ValueKind.Int64
            : type == typeof(ulong) ? ValueKind.UInt64
            : type == typeof(float) ? ValueKind.Float32
            : type == typeof(double) ? ValueKind.Float64
            : type == typeof(decimal) ? ValueKind.Decimal
            : type == typeof(string) ? ValueKind.Text
            : type == typeof(byte[]) ? ValueKind.Bytes
            : type == typeof(DateTime) ? ValueKind.DateTime
            : type == typeof(DateTimeOffset) ? ValueKind.DateTimeOffset
            : type == typeof(TimeSpan) ? ValueKind.TimeSpan
            : null;
    }

    /// <summary>The name used in job files and by <c>plan</c>: <c>int32</c>, <c>text?</c>.</summary>
    public override string ToString()
    {
        string name = Kind switch
        {
            ValueKind.UInt8 => "uint8",
            ValueKind.UInt16 => "uint16",
            ValueKind.UInt32 => "uint32",
            ValueKind.UInt64 => "uint64",
            ValueKind.DateTimeOffset => "datetimeoffset",
            _ => Kind.ToString().ToLowerInvariant(),
        };
        return Nullable ? name + "?" : name;
    }

    /// <summary>Reads the name that <see cref="ToString"/> writes (any case; <c>int</c>, <c>long</c>, <c>double</c>, <c>string</c> are understood); false when it is none.</summary>
    public static bool TryParse(string name, out ColumnType type)
    {
        bool nullable = name.EndsWith('?');
        string bare = (nullable ? name[..^1] : name).Trim().ToLowerInvariant();
        ValueKind kind = bare switch
        {
            "bool" or "boolean" => ValueKind.Bool,
            "int8" or "sbyte" => ValueKind.Int8,
            "uint8" or "byte" => ValueKind.UInt8,
            "int16" or "short" => ValueKind.Int16,
            "uint16" or "ushort" => ValueKind.UInt16,
            "int32" or "int" => ValueKind.Int32,
            "uint32" or "uint" => ValueKind.UInt32,
            "int64" or "long" => ValueKind.Int64,
            "uint64" or "ulong" => ValueKind.UInt64,
            "float32" or "float" => ValueKind.Float32,
            "float64" or "double" => ValueKind.Float64,
            "decimal" => ValueKind.Decimal,
            "text" or "string" => ValueKind.Text,
            "bytes" => ValueKind.Bytes,
            "datetime" => ValueKind.DateTime,
            "datetimeoffset" => ValueKind.DateTimeOffset,
            "timespan" or "duration" => ValueKind.TimeSpan,
            _ => default,
        };
        type = new ColumnType(kind, nullable);
        return kind != default;
    }
}
