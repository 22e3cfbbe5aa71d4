namespace Culvert.Streams;

/// <summary>Code that is written once for all fixed-size kinds.</summary>
public interface IValueKindVisitor<out TResult>
{
    /// <summary>Called with the type that stores the kind.</summary>
    TResult Visit<T>()
        where T : unmanaged;
}

/// <summary>From a kind to the type that stores it.</summary>
public static class ValueKinds
{
    /// <summary>Calls the visitor with the storage type of a fixed-size kind; text, bytes and states are programming errors.</summary>
    public static TResult Visit<TResult>(ValueKind kind, IValueKindVisitor<TResult> visitor) => kind switch
    {
        ValueKind.Bool => visitor.Visit<bool>(),
        ValueKind.Int8 => visitor.Visit<sbyte>(),
        ValueKind.UInt8 => visitor.Visit<byte>(),
        ValueKind.Int16 => visitor.Visit<short>(),
        ValueKind.UInt16 => visitor.Visit<ushort>(),
        ValueKind.Int32 => visitor.Visit<int>(),
        ValueKind.UInt32 => visitor.Visit<uint>(),
        ValueKind.Int64 => visitor.Visit<long>(),
        ValueKind.UInt64 => visitor.Visit<ulong>(),
        ValueKind.Float32 => visitor.Visit<float>(),
        ValueKind.Float64 => visitor.Visit<double>(),
        ValueKind.Decimal => visitor.Visit<decimal>(),
        ValueKind.DateTime => visitor.Visit<DateTime>(),
        ValueKind.DateTimeOffset => visitor.Visit<DateTimeOffset>(),
        ValueKind.TimeSpan => visitor.Visit<TimeSpan>(),
        _ => throw new InvalidOperationException($"{kind} has no fixed size"),
    };
}
