using System.Text;

namespace Culvert.Streams.Tests.Csv;

/// <summary>The decoder against the naive reader, on text of which much is malformed, for every width of the scanner.</summary>
public class CsvDecoderPropertyTests
{
    public static TheoryData<ScanWidth, char, int> Cases()
    {
        TheoryData<ScanWidth, char, int> cases = [];
        foreach (ScanWidth width in Widths())
        {
            cases.Add(width, ',', 4);
            cases.Add(width, ';', 25);
            cases.Add(width, '\t', 200);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rows_values_and_flaws_are_those_of_the_naive_reader_however_the_input_is_cut(ScanWidth width, char separator, int oddity)
    {
        for (ulong seed = 1; seed <= 400; seed++)
        {
            Check(width, separator, oddity, seed, seed % 20 == 0 ? 60_000 : 1 + (int)(seed * 7 % 900));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Without_a_quote_every_quote_is_data(ScanWidth width, char separator, int oddity)
    {
        for (ulong seed = 1; seed <= 100; seed++)
        {
            Check(width, separator, oddity, seed, 1 + (int)(seed * 11 % 700), quote: null);
        }
    }

    private static IEnumerable<ScanWidth> Widths() =>
        Enum.GetValues<ScanWidth>().Where(w => w != ScanWidth.Vector512 || System.Runtime.Intrinsics.X86.Avx512Vbmi2.IsSupported);

    private static void Check(ScanWidth width, char separator, int oddity, ulong seed, int length, char? quote = '"')
    {
        SeededBytes random = new(seed);
        int fieldCount = 1 + random.Next(5);
        byte[] data = random.NearlyCsv(fieldCount, length, (byte)separator, oddity);
        int[] ordinals = [.. Enumerable.Range(0, fieldCount).Where(_ => random.Next(2) == 0)];
        CsvOptions options = new() { Separator = separator, Quote = quote, Malformed = MalformedRowPolicy.Skip };
        Schema schema = new(ordinals.Select(o => new Field($"c{o}", new ColumnType(ValueKind.Text))));
        using CsvDecoder decoder = new(options, schema, width: width) { Layout = new CsvLayout(fieldCount, ordinals) };
        using CsvDecoded decoded = new() { SetAside = new System.Buffers.ArrayBufferWriter<byte>(), TrackRows = true };
        DecodeInPieces(decoder, decoded, data, random);

        List<NaiveRow> expected = NaiveCsv.Read(data, (byte)separator, quote ?? -1, fieldCount);
        List<NaiveRow> good = [.. expected.Where(r => r.Flaw == default)];
        List<NaiveRow> bad = [.. expected.Where(r => r.Flaw != default)];
        string context = $"seed {seed}, width {width}: {MalformedRow.Show(data)}";
        Assert.True(expected.Count == decoded.Rows, $"{expected.Count} rows expected, {decoded.Rows} read; {context}");
        Assert.True(bad.Count == decoded.MalformedCount, $"{bad.Count} malformed expected, {decoded.MalformedCount} found; {context}");
        Assert.Equal(bad.Take(CsvDecoded.MalformedKeptMax).Select(r => ((long)r.Offset, r.Flaw)), decoded.Malformed.Select(r => (r.Offset, r.Flaw)));
        Assert.Equal(bad.SelectMany(r => data[r.End - 1] == (byte)'\n' ? data[r.Offset..r.End] : [.. data[r.Offset..r.End], (byte)'\n']), decoded.SetAside.WrittenSpan.ToArray());
        Assert.Equal(good.Select(r => (long)r.Offset), decoded.RowOffsets.SelectMany(o => o));
        Assert.Equal(
            good.Select(r => string.Join('|', ordinals.Select(o => Encoding.Latin1.GetString(r.Fields[o])))),
            decoded.Batches.SelectMany(b => Enumerable.Range(0, b.Count).Select(
                i => string.Join('|', Enumerable.Range(0, ordinals.Length).Select(c => Encoding.Latin1.GetString(b.Text(c).GetBytes(i)))))));
    }

    private static void DecodeInPieces(CsvDecoder decoder, CsvDecoded decoded, byte[] data, SeededBytes random)
    {
        byte[] buffer = new byte[data.Length + CsvDecoder.PaddingBytes];
        int at = 0;
        int end = 0;
        int piece = 1 + random.Next(data.Length);
        while (at < data.Length)
        {
            int more = Math.Min(1 + random.Next(piece), data.Length - end);
            data.AsSpan(end, more).CopyTo(buffer.AsSpan(end));
            end += more;
            int stop = random.Next(2) == 0 ? end : at + 1 + random.Next(end - at + 1);
            int next = decoder.Decode(buffer, at, stop, end, end == data.Length, 0, decoded);
            Assert.InRange(next, at, end);
            at = next;
            if (random.Next(3) == 0)
            {
                decoder.Flush(decoded);
            }
        }

        decoder.Flush(decoded);
    }
}
