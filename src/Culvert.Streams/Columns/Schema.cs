using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>A named column of a stream.</summary>
public sealed record Field(string Name, ColumnType Type)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Type}";
}

/// <summary>The fields of a stream's events, in order. Names are unique, compared ordinally.</summary>
public sealed class Schema : IEquatable<Schema>
{
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);

    /// <summary>Makes a schema; a name that occurs twice is refused with <see cref="ArgumentException"/>.</summary>
    public Schema(params IEnumerable<Field> fields)
    {
        Fields = [.. fields];
        for (int i = 0; i < Fields.Length; i++)
        {
            if (!_indexes.TryAdd(Fields[i].Name, i))
            {
                throw new ArgumentException($"the column '{Fields[i].Name}' occurs twice", nameof(fields));
            }
        }
    }

    /// <summary>The fields, in order.</summary>
    public ImmutableArray<Field> Fields { get; }

    /// <summary>How many fields there are.</summary>
    public int Count => Fields.Length;

    /// <summary>The field at an index.</summary>
    public Field this[int index] => Fields[index];

    /// <summary>The index of the field of this name, or -1.</summary>
    public int IndexOf(string name) => _indexes.TryGetValue(name, out int index) ? index : -1;

    /// <inheritdoc/>
    public bool Equals(Schema? other) => other is not null && Fields.AsSpan().SequenceEqual(other.Fields.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Schema);

    /// <inheritdoc/>
    public override int GetHashCode() => Fields.Length;

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Fields.Select(f => f.ToString()));
}
