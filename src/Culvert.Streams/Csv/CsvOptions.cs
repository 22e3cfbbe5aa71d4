using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>Whether the first line of a file names its columns.</summary>
public enum CsvHeader
{
    /// <summary>Each file decides: see <see cref="CsvOptions.Header"/>.</summary>
    Auto,

    /// <summary>The first line is a header.</summary>
    Present,

    /// <summary>The first line is data.</summary>
    Absent,
}

/// <summary>What happens to a row that cannot be read.</summary>
public enum MalformedRowPolicy
{
    /// <summary>The run fails, with file, line, column and value.</summary>
    Fail,

    /// <summary>The row is counted, reported and left out.</summary>
    Skip,

    /// <summary>As <see cref="Skip"/>, and the row's bytes are appended to a file.</summary>
    SetAside,
}

/// <summary>A column of a file, in file order; its type is inferred where it is not given.</summary>
public sealed record CsvColumn(string Name, ColumnType? Type = null);

/// <summary>
/// How CSV is read. Lines end with LF or CRLF (a CR elsewhere is data); blank lines are skipped; a UTF-8 byte order mark
/// is skipped; bytes that are not UTF-8 are data. A field that begins with the quote is quoted: separators, line ends and
/// doubled quotes in it are data, and nothing may follow the closing quote. A quote elsewhere in a field is data.
/// A row with a NUL byte, with too many or too few fields, or with a value that does not fit its type is malformed.
/// </summary>
public sealed record CsvOptions
{
    /// <summary>Columns that a file may have.</summary>
    public const int FieldCountMax = 10_000;

    /// <summary>Longest row that can be allowed, in bytes: a row must fit in one array with room to spare.</summary>
    public const int RowBytesLimit = 1 << 29;

    /// <summary>Least value of <see cref="RowBytesMax"/>: rows within one scan are never measured.</summary>
    public const int RowBytesLeast = 64 << 10;

    /// <summary>The byte between fields: comma (the default), semicolon, tab, bar or any other ASCII character but quote, CR and LF.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>The quote; default <c>"</c>; null when files have no quoting and every quote is data.</summary>
    public char? Quote { get; init; } = '"';

    /// <summary>
    /// Whether files begin with a header; default auto. With <see cref="Columns"/>, a first line that holds more than half of
    /// their names is a header, in whatever order; without, one whose fields are all distinct, not empty and not numbers.
    /// Each file decides for itself.
    /// </summary>
    public CsvHeader Header { get; init; } = CsvHeader.Auto;

    /// <summary>
    /// All columns of the files, in file order; needed where a file has no header (else its columns are called
    /// <c>column1</c>, <c>column2</c>…). Default: none.
    /// </summary>
    public ImmutableArray<CsvColumn> Columns { get; init; } = [];

    /// <summary>Types by column name, before those of <see cref="Columns"/>; what neither gives is inferred. Default: none.</summary>
    public ImmutableDictionary<string, ColumnType> Types { get; init; } = ImmutableDictionary<string, ColumnType>.Empty;

    /// <summary>
    /// Fields that mean "no value" in a column that may miss values; compared byte for byte; default: the empty field.
    /// A quoted field of a text column is always a value. A text column that may not miss values takes these as text.
    /// </summary>
    public ImmutableArray<string> Missing { get; init; } = [""];

    /// <summary>The same for columns of text, where a marker may be a word; default (null): as <see cref="Missing"/>.</summary>
    public ImmutableArray<string>? MissingText { get; init; }

    /// <summary>What happens to malformed rows; default: the run fails.</summary>
    public MalformedRowPolicy Malformed { get; init; } = MalformedRowPolicy.Fail;

    /// <summary>Longest row, in bytes, line end included; default 16 MiB, <see cref="RowBytesLeast"/> to <see cref="RowBytesLimit"/>. A longer one fails the run whatever the policy.</summary>
    public int RowBytesMax { get; init; } = 16 << 20;

    /// <summary>
    /// Options for text whose every line, blank ones included and without its line end, is the one value of a row, in a text
    /// column called <c>line</c>.
    /// </summary>
    public static CsvOptions Lines { get; } = new()
    {
        IsLines = true,
        Separator = '\n',
        Quote = null,
        Header = CsvHeader.Absent,
        Columns = [new CsvColumn("line", new ColumnType(ValueKind.Text))],
        Missing = [],
    };

    /// <summary>Whether lines are read and not fields; only <see cref="Lines"/> sets it.</summary>
    internal bool IsLines { get; init; }

    /// <summary>Throws <see cref="ArgumentException"/> with what is wrong when a property is out of its range.</summary>
    public void Validate()
    {
        Require(IsLines || (char.IsAscii(Separator) && Separator is not ('\r' or '\n' or '\0')), "the separator must be an ASCII character, and not a line end");
        Require(Quote is not { } q || (char.IsAscii(q) && q is not ('\r' or '\n' or '\0') && q != Separator), "the quote must be an ASCII character other than the separator, and not a line end");
        Require(RowBytesMax is >= RowBytesLeast and <= RowBytesLimit, $"the longest row must be between {RowBytesLeast} and {RowBytesLimit} bytes");
        Require(Columns.Length <= FieldCountMax, $"at most {FieldCountMax} columns can be declared");
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (CsvColumn column in Columns)
        {
            Require(names.Add(column.Name), $"the column '{column.Name}' is declared twice");
        }
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new ArgumentException(message);
        }
    }
}
