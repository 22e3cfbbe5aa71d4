namespace Culvert.Streams;

/// <summary>A row of a scan, by the index of its line end among the delimiters, that is malformed whatever its fields are.</summary>
internal readonly record struct FlawedRow(int LineEndIndex, RowFlaw Flaw);

/// <summary>
/// The same as <see cref="DelimiterScanner"/>, a byte at a time, with every rule about quotes: what the fast scanner calls
/// odd is decided here.
/// </summary>
internal static class CarefulScanner
{
    private enum State
    {
        FieldStart,
        Plain,
        Quoted,
        QuoteInQuoted,
    }

    public static ScanFindings Scan(byte[] data, int from, int to, byte separator, int quote, int[] positions, List<FlawedRow> flawed)
    {
        flawed.Clear();
        ScanFindings found = default;
        State state = State.FieldStart;
        bool textAfterQuote = false;
        for (int at = from; at < to; at++)
        {
            byte b = data[at];
            found.Nul |= b == 0;
            found.Quotes |= b == quote;
            if (state == State.Quoted)
            {
                state = b == quote ? State.QuoteInQuoted : State.Quoted;
            }
            else if (b == separator || b == (byte)'\n')
            {
                positions[++found.Delimiters] = at;
                state = State.FieldStart;
                if (b == (byte)'\n')
                {
                    found.LineEnds++;
                    if (textAfterQuote)
                    {
                        flawed.Add(new FlawedRow(found.Delimiters, RowFlaw.TextAfterQuote));
                        textAfterQuote = false;
                    }
                }
            }
            else if (state == State.QuoteInQuoted)
            {
                bool endsLine = b == (byte)'\r' && (at + 1 >= to || data[at + 1] == (byte)'\n');
                textAfterQuote |= b != quote && !endsLine;
                state = b == quote ? State.Quoted : State.Plain;
            }
            else
            {
                state = state == State.FieldStart && b == quote ? State.Quoted : State.Plain;
            }
        }

        return found;
    }
}
