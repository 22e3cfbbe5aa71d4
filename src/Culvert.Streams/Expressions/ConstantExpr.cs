using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Culvert.Streams.Expressions;

/// <summary>
/// A value, or null. Two constants are equal when their bits are: 0.0 and -0.0 differ, and so do 1.0m and 1.00m, while a NaN
/// equals itself.
/// </summary>
public sealed record ConstantExpr : Expr
{
    private readonly byte[]? _bytes;

    internal ConstantExpr(object? value, ColumnType type)
        : base(type, false, [])
    {
        bool fits = TypeRules.IsValueType(type) && (value is null
            ? type.Nullable
            : ColumnType.KindOf(value.GetType()) == type.Kind && !value.GetType().IsEnum);
        if (!fits)
        {
            throw new ExpressionTypeException($"{value ?? "null"} is not a value of type {type}");
        }

        if (value is string text)
        {
            _bytes = EncodeText(text);
        }
        else if (value is byte[] bytes)
        {
            value = _bytes = [.. bytes];
        }

        Value = value;
    }

    /// <summary>Null, a number, a string for text, a byte[] (not to be written to) for bytes.</summary>
    public object? Value { get; }

    /// <summary>The bytes of a text or bytes constant; empty for others.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <inheritdoc/>
    public override ImmutableArray<Expr> Children => [];

    /// <inheritdoc/>
    public bool Equals(ConstantExpr? other)
    {
        if (other is null || Type != other.Type || Value is null || other.Value is null)
        {
            return other is not null && Type == other.Type && Value is null && other.Value is null;
        }

        ArrayBufferWriter<byte> mine = new(), theirs = new();
        ExprCodec.Write(this, mine);
        ExprCodec.Write(other, theirs);
        return mine.WrittenSpan.SequenceEqual(theirs.WrittenSpan);
    }

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Value is byte[] bytes ? bytes.Length : Value);

    internal static ConstantExpr Of(object value)
    {
        Type type = value.GetType();
        if (type.IsEnum)
        {
            value = System.Convert.ChangeType(value, Enum.GetUnderlyingType(type), CultureInfo.InvariantCulture);
        }

        return ColumnType.KindOf(type) is { } kind
            ? new ConstantExpr(value, new ColumnType(kind))
            : throw new ExpressionTypeException($"{type.Name} is not a type of a column");
    }

    private static byte[] EncodeText(string text)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            throw new ExpressionTypeException("a text constant has half a surrogate pair, which UTF-8 cannot hold");
        }
    }
}
