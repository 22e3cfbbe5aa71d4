using System.Buffers;
using System.Text;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// CSV as RFC 4180 has it, with LF: a header, a missing value as nothing at all, an empty text, or no bytes, in quotes. Texts are the
/// bytes they were. Numbers and moments are written so that reading them gives the same value.
/// </summary>
public sealed class CsvFormat : RowFormat
{
    private static readonly SearchValues<byte> NeedsQuotes = SearchValues.Create(",\"\r\n"u8);

    /// <inheritdoc/>
    public override string Name => "csv";

    /// <inheritdoc/>
    public override void WriteHeader(Schema schema, IBufferWriter<byte> writer)
    {
        for (int c = 0; c < schema.Count; c++)
        {
            if (c > 0)
            {
                writer.Write(","u8);
            }

            WriteText(Encoding.UTF8.GetBytes(schema[c].Name), writer);
        }

        writer.Write("\n"u8);
    }

    /// <inheritdoc/>
    public override void WriteRows(Batch batch, IBufferWriter<byte> writer)
    {
        for (int row = 0; row < batch.Count; row++)
        {
            for (int c = 0; c < batch.Schema.Count; c++)
            {
                if (c > 0)
                {
                    writer.Write(","u8);
                }

                WriteValue(batch[c], row, writer);
            }

            writer.Write("\n"u8);
        }
    }

    private static void WriteValue(Column column, int row, IBufferWriter<byte> writer)
    {
        if (column.IsNull(row))
        {
            return;
        }

        if (column is BytesColumn { Type.Kind: ValueKind.Bytes } bytes)
        {
            WriteText(Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes.GetBytes(row))), writer);
        }
        else if (column is BytesColumn text)
        {
            WriteText(text.GetBytes(row), writer);
        }
        else
        {
            WriteText(Encoding.UTF8.GetBytes(ValueText.Format(column.GetValue(row)!)), writer);
        }
    }

    private static void WriteText(ReadOnlySpan<byte> text, IBufferWriter<byte> writer)
    {
        if (!text.IsEmpty && text.IndexOfAny(NeedsQuotes) < 0)
        {
            writer.Write(text);
            return;
        }

        writer.Write("\""u8);
        int quote;
        while ((quote = text.IndexOf((byte)'"')) >= 0)
        {
            writer.Write(text[..(quote + 1)]);
            writer.Write("\""u8);
            text = text[(quote + 1)..];
        }

        writer.Write(text);
        writer.Write("\""u8);
    }
}
