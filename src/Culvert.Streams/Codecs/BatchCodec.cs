using System.Buffers;
using System.Buffers.Binary;

namespace Culvert.Streams;

/// <summary>
/// A batch as bytes, for those who know its schema (docs/specs/batch.md): the number of rows, then for each column its
/// form, the validity bitmap where values are missing, and the values; little-endian throughout. Fixed-size values and
/// text are copied whole; of a dictionary only what is used is written. Reading checks every length before anything is
/// allocated. Thread safe.
/// </summary>
public static class BatchCodec
{
    /// <summary>Rows of a batch that is read at most.</summary>
    public const int RowsMax = 16 << 20;

    /// <summary>Writes a batch, which stays the caller's. Values that stand where one is missing are written as zeros.</summary>
    public static void Write(Batch batch, IBufferWriter<byte> writer)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), batch.Count);
        writer.Advance(sizeof(int));
        foreach (Column column in batch.Columns)
        {
            BatchColumnWriter.Write(column, writer);
        }
    }

    /// <summary>Reads a batch from the front of <paramref name="source"/> and tells how many bytes it took.</summary>
    /// <param name="schema">What was written.</param>
    /// <param name="source">The bytes; nothing of them is kept.</param>
    /// <param name="consumed">How many bytes the batch took.</param>
    /// <param name="states">For schemas with states; without it these are a programming error.</param>
    /// <param name="pool">Where the columns' arrays come from; null for arrays of their own.</param>
    /// <returns>The batch, or <see cref="FailureKind.Malformed"/> with the name of the column.</returns>
    public static Outcome<Batch> Read(
        Schema schema, ReadOnlySpan<byte> source, out int consumed, IStateColumns? states = null, ColumnPool? pool = null)
    {
        consumed = 0;
        BatchColumnReader reader = new(source, pool ?? ColumnPool.None);
        if (!reader.TryInt(out int count) || count is < 0 or > RowsMax)
        {
            return Malformed("the number of rows is missing or too large");
        }

        List<Column> columns = new(schema.Count);
        for (int c = 0; c < schema.Count; c++)
        {
            Field field = schema[c];
            Column? column = field.Type.Kind == ValueKind.State
                ? reader.ReadStates(states!, c, count)
                : reader.Read(field.Type, count);
            if (column is null)
            {
                foreach (Column done in columns)
                {
                    done.Dispose();
                }

                return Malformed($"the column '{field.Name}' is cut short or cannot be");
            }

            columns.Add(column);
        }

        consumed = reader.Position;
        return new Batch(schema, [.. columns], count);
    }

    private static Failure Malformed(string message) => new(FailureKind.Malformed, $"a batch cannot be read: {message}");
}
