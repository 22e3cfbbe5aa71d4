namespace Culvert.Streams;

/// <summary>
/// The type that fits all values of a column seen so far: bool (<c>true</c>/<c>false</c>), int64, float64, datetime (ISO), else
/// text. Missing values say nothing about the kind.
/// </summary>
public sealed class CsvInference
{
    private bool _bool = true;
    private bool _integer = true;
    private bool _number = true;
    private bool _moment = true;
    private bool _any;
    private bool _missing;

    /// <summary>Looks at a field without its quotes, or at a missing value (null).</summary>
    public void Add(ReadOnlySpan<byte> field, bool missing)
    {
        if (missing)
        {
            _missing = true;
            return;
        }

        _any = true;
        field = MemoryExtensions.Trim(field, " \t"u8);
        _bool = _bool && field.Length > 1 && BoolParser.TryParse(field, out _);
        _integer = _integer && long.TryParse(field, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out _);
        _number = _number && Float64Parser.TryParse(field, out double number) && double.IsFinite(number);
        _moment = _moment && field.Length >= 10 && field[4] == (byte)'-' && field[7] == (byte)'-' && DateTimeParser.TryParse(field, out _);
    }

    /// <summary>
    /// The type: nullable if a missing value was seen, or if <paramref name="all"/> is false and more rows are to come, of
    /// which nobody knows.
    /// </summary>
    public ColumnType Result(bool all)
    {
        ValueKind kind = !_any ? ValueKind.Text
            : _bool ? ValueKind.Bool
            : _integer ? ValueKind.Int64
            : _number ? ValueKind.Float64
            : _moment ? ValueKind.DateTime
            : ValueKind.Text;
        return new ColumnType(kind, _missing || !all || !_any);
    }
}
