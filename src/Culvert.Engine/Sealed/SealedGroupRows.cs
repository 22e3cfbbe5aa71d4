using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>A row group of a sealed file as a batch.</summary>
public static class SealedGroupRows
{
    /// <summary>Reads, opens and decodes the wanted columns of a row group. Whoever gets the batch disposes it.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="reader">The file.</param>
    /// <param name="columns">What is wanted.</param>
    /// <param name="strand">Which strand.</param>
    /// <param name="group">Which of its row groups.</param>
    /// <param name="pool">Where columns come from.</param>
    public static Outcome<Batch> Read(string file, SealedFileReader reader, StoredColumns columns, int strand, int group, ColumnPool pool)
    {
        Outcome<OpenedGroup> opened = reader.OpenGroup(strand, group);
        if (!opened.Succeeded)
        {
            return opened.Failure;
        }

        Column[] decoded = new Column[columns.Schema.Count];
        for (int c = 0; c < decoded.Length; c++)
        {
            int index = columns.IndexOf(c);
            bool authentic = true;
            Outcome<Column> column = columns.Decode(c, opened.Value.Rows, opened.Value.Encoding(index), opened.Value.ColumnBytes(index), values =>
            {
                Failure? failure = reader.ReadColumn(opened.Value, index, values);
                authentic = failure is null;
                return failure;
            }, pool);
            if (!column.Succeeded)
            {
                foreach (Column done in decoded.AsSpan(0, c))
                {
                    done.Dispose();
                }

                return authentic
                    ? column.Failure with { Message = $"{file}: strand {strand}, row group {group}, column '{columns.Schema[c].Name}' {column.Failure.Message}" }
                    : column.Failure;
            }

            decoded[c] = column.Value;
        }

        return new Batch(columns.Schema, decoded, opened.Value.Rows);
    }
}
