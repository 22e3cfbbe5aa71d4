using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// Numbers the distinct values of one column densely, in the order of their first appearance, for as long as a round
/// lasts: aggregates then work on arrays indexed by these numbers instead of on keys.
/// </summary>
internal abstract class KeyIndex
{
    /// <summary>How many distinct values were seen; missing counts as one.</summary>
    internal abstract int Count { get; }

    internal static KeyIndex Create(ColumnType type) => type.IsBytes
        ? new BytesKeyIndex(type)
        : type.Kind == ValueKind.Decimal
            ? new DecimalKeyIndex(type)
            : ValueKinds.Visit(type.Kind, new Maker(type));

    /// <summary>Writes the number of each row's value.</summary>
    internal abstract void Assign(Column column, Span<int> ids);

    /// <summary>The values of the given numbers as a column.</summary>
    internal abstract Column Build(ReadOnlySpan<int> ids);

    /// <summary>Forgets all values.</summary>
    internal abstract void Clear();

    private sealed class Maker(ColumnType type) : IValueKindVisitor<KeyIndex>
    {
        public KeyIndex Visit<T>()
            where T : unmanaged => new FixedKeyIndex<T>(type);
    }
}
