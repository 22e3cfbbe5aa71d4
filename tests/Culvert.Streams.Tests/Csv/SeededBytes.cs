namespace Culvert.Streams.Tests.Csv;

/// <summary>Numbers that follow from a seed (SplitMix64), so that a failing test can be run again.</summary>
internal sealed class SeededBytes(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    public int Next(int exclusiveMaximum) => (int)(Next() % (ulong)exclusiveMaximum);

    /// <summary>Text that is nearly CSV of some columns: mostly whole rows, with everything that can go wrong now and then.</summary>
    public byte[] NearlyCsv(int fieldCount, int length, byte separator, int oddity)
    {
        List<byte> data = [];
        while (data.Count < length)
        {
            int fields = Next(oddity) == 0 ? 1 + Next(fieldCount + 2) : fieldCount;
            for (int f = 0; f < fields; f++)
            {
                AddField(data, separator, oddity);
                data.Add(separator);
            }

            data.RemoveAt(data.Count - 1);
            data.AddRange(Next(4) == 0 ? "\r\n"u8 : "\n"u8);
            if (Next(oddity) == 0)
            {
                data.AddRange(Next(2) == 0 ? "\r\n"u8 : "\n"u8);
            }
        }

        return [.. data.Take(length)];
    }

    private void AddField(List<byte> data, byte separator, int oddity)
    {
        ReadOnlySpan<byte> plain = "abcdefghij0123456789-. \r"u8;
        ReadOnlySpan<byte> any = [(byte)'"', (byte)'\n', separator, (byte)'\r', 0xE4, 0, (byte)'x'];
        bool quoted = Next(6) == 0;
        if (quoted)
        {
            data.Add((byte)'"');
        }

        for (int i = Next(10); i > 0; i--)
        {
            byte b = Next(oddity * 3) == 0 ? any[Next(any.Length)] : plain[Next(plain.Length)];
            data.Add(b);
            if (quoted && Next(8) == 0)
            {
                data.AddRange(Next(3) == 0 ? "\"\""u8 : Next(2) == 0 ? "\n"u8 : [separator]);
            }
        }

        if (quoted && Next(oddity * 2) != 0)
        {
            data.Add((byte)'"');
        }
    }
}
