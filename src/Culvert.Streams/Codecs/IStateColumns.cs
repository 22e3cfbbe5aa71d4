namespace Culvert.Streams;

/// <summary>Knows the states in a schema's columns of <see cref="ValueKind.State"/>: whoever has the aggregates.</summary>
public interface IStateColumns
{
    /// <summary>Bytes of a state in the column at an index.</summary>
    int StateBytes(int column);

    /// <summary>Makes the column of states from <paramref name="count"/> × <see cref="StateBytes"/> bytes; null when one of them cannot be.</summary>
    Column? Read(int column, ReadOnlySpan<byte> states, int count, ColumnPool pool);
}
