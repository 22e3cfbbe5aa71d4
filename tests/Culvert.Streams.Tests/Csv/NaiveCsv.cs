namespace Culvert.Streams.Tests.Csv;

/// <summary>A row as the naive reader sees it.</summary>
internal sealed record NaiveRow(int Offset, int End, List<byte[]> Fields, RowFlaw Flaw);

/// <summary>RFC 4180 a byte at a time, as plainly as it can be written: what the fast decoder must agree with.</summary>
internal static class NaiveCsv
{
    public static List<NaiveRow> Read(ReadOnlySpan<byte> data, byte separator, int quote, int fieldCount)
    {
        List<NaiveRow> rows = [];
        int at = 0;
        while (at < data.Length)
        {
            int start = at;
            List<byte[]> fields = [];
            RowFlaw flaw = default;
            bool more = true;
            while (more)
            {
                fields.Add(ReadField(data, ref at, separator, quote, ref flaw, out more));
            }

            ReadOnlySpan<byte> line = data[start..at];
            bool blank = line.SequenceEqual("\n"u8) || line.SequenceEqual("\r\n"u8) || line.SequenceEqual("\r"u8);
            if (!blank)
            {
                flaw = flaw == RowFlaw.OpenQuote ? flaw
                    : line.Contains((byte)0) ? RowFlaw.Nul
                    : flaw != default ? flaw
                    : fields.Count != fieldCount ? RowFlaw.FieldCount : default;
                rows.Add(new NaiveRow(start, at, fields, flaw));
            }
        }

        return rows;
    }

    /// <summary>Reads a field and what ends it; there is more in the row when that was a separator.</summary>
    private static byte[] ReadField(ReadOnlySpan<byte> data, ref int at, byte separator, int quote, ref RowFlaw flaw, out bool more)
    {
        List<byte> field = [];
        bool quoted = at < data.Length && data[at] == quote;
        if (quoted)
        {
            at++;
            while (true)
            {
                if (at == data.Length)
                {
                    flaw = RowFlaw.OpenQuote;
                    more = false;
                    return [.. field];
                }

                if (data[at] != quote)
                {
                    field.Add(data[at++]);
                }
                else if (at + 1 < data.Length && data[at + 1] == quote)
                {
                    field.Add(data[at]);
                    at += 2;
                }
                else
                {
                    at++;
                    break;
                }
            }

            bool carriageReturn = at < data.Length && data[at] == (byte)'\r' && (at + 1 == data.Length || data[at + 1] == (byte)'\n');
            if (carriageReturn)
            {
                at++;
            }
            else if (at < data.Length && data[at] != separator && data[at] != (byte)'\n')
            {
                flaw = RowFlaw.TextAfterQuote;
            }
        }

        while (at < data.Length && data[at] != separator && data[at] != (byte)'\n')
        {
            field.Add(data[at++]);
        }

        more = at < data.Length && data[at] == separator;
        if (!more && !quoted && field.Count > 0 && field[^1] == (byte)'\r')
        {
            field.RemoveAt(field.Count - 1);
        }

        at = Math.Min(at + 1, data.Length);
        return [.. field];
    }
}
