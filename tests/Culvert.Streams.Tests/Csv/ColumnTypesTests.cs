using System.Globalization;
using System.Text;

namespace Culvert.Streams.Tests.Csv;

/// <summary>What each type makes of a field.</summary>
public class ColumnTypesTests
{
    [Fact]
    public void Whole_numbers_are_read_as_dotnet_reads_them()
    {
        string[] fields = ["0", "-0", "7", "-7", "+7", "12345678", "123456789", "-12345678", "-1234567", "2147483647", "2147483648", "-2147483648", " 42 ", "\t42",
            "1.5", "1e3", "x", "--1", "-", "+", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615", "255", "256", "-128", "65535",
            "65536", "00000000000000000000012", "1/2", "1:2", "１", "4294967295", "1,5"];
        Compare(ValueKind.Int32, fields, s => int.TryParse(s, NumberStyles.Integer, CultureInfo.InvariantCulture, out int v) ? v : null);
        Compare(ValueKind.Int64, fields, s => long.TryParse(s, NumberStyles.Integer, CultureInfo.InvariantCulture, out long v) ? v : null);
        Compare(ValueKind.UInt64, fields, s => ulong.TryParse(s, NumberStyles.Integer, CultureInfo.InvariantCulture, out ulong v) ? v : null);
        Compare(ValueKind.UInt32, fields, s => uint.TryParse(s, NumberStyles.Integer, CultureInfo.InvariantCulture, out uint v) ? v : null);
        Compare(ValueKind.Int16, fields, s => short.TryParse(s, NumberStyles.Integer, CultureInfo.InvariantCulture, out short v) ? v : null);
        Compare(ValueKind.UInt16, fields, s => ushort.TryParse(s, NumberStyles.Integer, CultureInfo.InvariantCulture, out ushort v) ? v : null);
        Compare(ValueKind.UInt8, fields, s => byte.TryParse(s, NumberStyles.Integer, CultureInfo.InvariantCulture, out byte v) ? v : null);
        Compare(ValueKind.Int8, fields, s => sbyte.TryParse(s, NumberStyles.Integer, CultureInfo.InvariantCulture, out sbyte v) ? v : null);
    }

    [Fact]
    public void Random_whole_numbers_of_every_length_are_read_as_dotnet_reads_them()
    {
        SeededBytes random = new(5);
        string[] fields = [.. Enumerable.Range(0, 4000).Select(_ => (random.Next(2) == 0 ? "-" : "") + (random.Next() >> random.Next(64)).ToString(CultureInfo.InvariantCulture))];
        Compare(ValueKind.Int32, fields, s => int.TryParse(s, NumberStyles.Integer, CultureInfo.InvariantCulture, out int v) ? v : null);
        Compare(ValueKind.Int64, fields, s => long.TryParse(s, NumberStyles.Integer, CultureInfo.InvariantCulture, out long v) ? v : null);
    }

    [Fact]
    public void Fractions_are_read_to_the_last_bit_as_dotnet_reads_them()
    {
        SeededBytes random = new(9);
        string[] fields = ["0", "-0", "1.", ".5", "-.5", ".", "1e5", "-1.5E-7", "1e400", "NaN", "Infinity", "1,000", "0.1", "0.3", "123456789012345.6", "9007199254740993", " 2.5 ", "1.2.3",
            .. Enumerable.Range(0, 4000).Select(_ => Fraction(random))];
        Compare(ValueKind.Float64, fields, s => double.TryParse(s, NumberStyles.Float, CultureInfo.InvariantCulture, out double v) ? BitConverter.DoubleToInt64Bits(v) : null, v => BitConverter.DoubleToInt64Bits((double)v));
        Compare(ValueKind.Float32, fields, s => float.TryParse(s, NumberStyles.Float, CultureInfo.InvariantCulture, out float v) ? BitConverter.SingleToInt32Bits(v) : null, v => BitConverter.SingleToInt32Bits((float)v));
        Compare(ValueKind.Decimal, fields, s => decimal.TryParse(s, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal v) ? v.ToString(CultureInfo.InvariantCulture) : null, v => ((decimal)v).ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Moments_are_read_as_dotnet_reads_them_and_offsets_become_utc()
    {
        string[] fields = ["2008-05-01", "2008-02-30", "2008-05-01T12:34:56", "2008-05-01 12:34:56", "2008-05-01T12:34:56Z", "2008-05-01T12:34:56+02:00", "2008-05-01T12:34:56.1234567",
            "2008-05-01 24:00:00", "05/01/2008", "2008-5-1", "x", "0000-01-01", "2008-05-0a", "2008-13-01", "20080501"];
        Compare(
            ValueKind.DateTime,
            fields,
            s => DateTime.TryParse(s, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out DateTime v) ? $"{v:O}" : null,
            v => $"{v:O}");
        Compare(
            ValueKind.DateTimeOffset,
            fields,
            s => DateTimeOffset.TryParse(s, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset v) ? $"{v:O}" : null,
            v => $"{v:O}");
        Compare(ValueKind.TimeSpan, ["1:02:03", "1.02:03:04.5", "x", "25:00:00"], s => TimeSpan.TryParse(s, CultureInfo.InvariantCulture, out TimeSpan v) ? v : null);
    }

    [Fact]
    public void Truth_is_true_or_one()
    {
        Compare(ValueKind.Bool, ["true", "TRUE", "1", "false", "False", "0", "yes", "2", "t"], s => s switch
        {
            "true" or "TRUE" or "1" => true,
            "false" or "False" or "0" => false,
            _ => null,
        });
    }

    [Fact]
    public void Missing_values_are_missing_in_any_column_that_may_miss_them()
    {
        foreach (ValueKind kind in Enum.GetValues<ValueKind>().Where(k => k is not (ValueKind.State or ValueKind.Bytes)))
        {
            (object?[] values, long malformed) = Decode(new ColumnType(kind, true), ["NA", "", "a value missing"], missing: ["NA", "", "a value missing"]);
            Assert.Equal([null, null, null], values);
            Assert.Equal(0, malformed);
        }
    }

    [Fact]
    public void A_missing_value_in_a_column_that_needs_one_makes_the_row_malformed_but_is_text_in_a_text_column()
    {
        (object?[] values, long malformed) = Decode(new ColumnType(ValueKind.Int32), ["NA", "5", ""], missing: ["NA", ""]);
        Assert.Equal([5], values);
        Assert.Equal(2, malformed);
        (values, malformed) = Decode(new ColumnType(ValueKind.Text), ["NA", "5", ""], missing: ["NA", ""]);
        Assert.Equal(["NA", "5", ""], values);
        Assert.Equal(0, malformed);
    }

    [Fact]
    public void A_quoted_field_of_a_text_column_is_always_a_value()
    {
        (object?[] values, _) = Decode(new ColumnType(ValueKind.Text, true), ["\"NA\"", "NA", "\"\"", "\"say \"\"hi\"\"\""], missing: ["NA", ""]);
        Assert.Equal(["NA", null, "", "say \"hi\""], values);
        (values, _) = Decode(new ColumnType(ValueKind.Int32, true), ["\"12\"", "\"NA\""], missing: ["NA"]);
        Assert.Equal([12, null], values);
    }

    [Fact]
    public void Text_keeps_its_bytes_and_the_dictionary_its_codes_until_values_are_too_many()
    {
        CsvOptions options = new();
        Schema schema = new(new Field("a", new ColumnType(ValueKind.Text)));
        using CsvDecoder decoder = new(options, schema);
        using CsvDecoded decoded = new();
        byte[] first = [.. "b,1\n"u8, 0xE4, .. ",1\nlonger than a word,1\n"u8];
        DecodeWith(decoder, decoded, first, 2);
        DecodeWith(decoder, decoded, [.. "longer than a word,1\nb,1\n"u8], 2);
        DictionaryColumn one = (DictionaryColumn)decoded.Batches[0][0];
        DictionaryColumn two = (DictionaryColumn)decoded.Batches[1][0];
        Assert.Equal([0, 1, 2], one.Codes.ToArray());
        Assert.Equal([2, 0], two.Codes.ToArray());
        Assert.Same(one.Dictionary, two.Dictionary);
        Assert.Equal(new byte[] { 0xE4 }, one.GetBytes(1).ToArray());

        string[] many = [.. Enumerable.Range(0, 9000).Select(i => $"value {i}")];
        DecodeWith(decoder, decoded, Encoding.UTF8.GetBytes(string.Concat(many.Select(m => m + ",1\n"))), 2);
        DecodeWith(decoder, decoded, [.. "value 3,1\nb,1\n"u8], 2);
        Assert.IsType<DictionaryColumn>(decoded.Batches[2][0]);
        Assert.IsType<TextColumn>(decoded.Batches[3][0]);
        Assert.Equal(many, Enumerable.Range(0, 9000).Select(i => (string)decoded.Batches[2][0].GetValue(i)!));
        Assert.Equal("value 3", decoded.Batches[3][0].GetValue(0));
    }

    private static string Fraction(SeededBytes random)
    {
        string digits = (random.Next() >> random.Next(62)).ToString(CultureInfo.InvariantCulture);
        int point = random.Next(digits.Length + 1);
        return (random.Next(2) == 0 ? "-" : "") + digits[..point] + "." + digits[point..] + (random.Next(5) == 0 ? $"e{random.Next(40) - 20}" : "");
    }

    private static void Compare(ValueKind kind, string[] fields, Func<string, object?> parse, Func<object, object>? show = null)
    {
        string[] plain = [.. fields.Where(f => !f.Contains(',', StringComparison.Ordinal))];
        object[] expected = [.. plain.Select(parse).Where(v => v is not null).Select(v => v!)];
        (object?[] values, long malformed) = Decode(new ColumnType(kind), plain, []);
        Assert.Equal(expected, values.Select(v => show is null ? v! : show(v!)));
        Assert.Equal(plain.Length - expected.Length, malformed);
    }

    private static (object?[] Values, long Malformed) Decode(ColumnType type, string[] fields, string[] missing)
    {
        CsvOptions options = new() { Missing = [.. missing], Malformed = MalformedRowPolicy.Skip };
        using CsvDecoder decoder = new(options, new Schema(new Field("a", type)));
        using CsvDecoded decoded = new();
        DecodeWith(decoder, decoded, Encoding.UTF8.GetBytes(string.Concat(fields.Select(f => f + ",1\n"))), 2);
        return ([.. decoded.Batches.SelectMany(b => Enumerable.Range(0, b.Count).Select(i => b[0].GetValue(i)))], decoded.MalformedCount);
    }

    private static void DecodeWith(CsvDecoder decoder, CsvDecoded decoded, byte[] data, int fieldCount)
    {
        decoder.Layout = new CsvLayout(fieldCount, 0);
        byte[] buffer = new byte[data.Length + CsvDecoder.PaddingBytes];
        data.CopyTo(buffer, 0);
        Assert.Equal(data.Length, decoder.Decode(buffer, 0, data.Length, data.Length, true, 0, decoded));
        decoder.Flush(decoded);
    }
}
