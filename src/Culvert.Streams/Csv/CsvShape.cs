using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Culvert.Streams;

/// <summary>What the beginning of a file tells: its columns' names and where its data starts.</summary>
public sealed class CsvShape
{
    private CsvShape(ImmutableArray<string> names, bool hasHeader, int dataStart)
    {
        (Names, HasHeader, DataStart) = (names, hasHeader, dataStart);
    }

    /// <summary>The names of all columns, in file order: from the header, the declaration, or <c>column1</c>…</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Whether the first line is a header.</summary>
    public bool HasHeader { get; }

    /// <summary>Bytes before the first data row.</summary>
    public int DataStart { get; }

    /// <summary>
    /// Looks at the first row of a file. <paramref name="head"/> is the file's beginning, all of it if <paramref name="whole"/>;
    /// <paramref name="wanted"/> are the columns that the job names, or null. Gives null when the head has no whole row: the
    /// file is empty, or more of it is needed. Refuses what cannot be read as declared; the message does not name the file.
    /// </summary>
    public static Outcome<CsvShape?> Inspect(ReadOnlySpan<byte> head, bool whole, CsvOptions options, IReadOnlyList<string>? wanted)
    {
        int start = IsByteOrderMark(head) ? 3 : 0;
        if (!TryReadRow(head, start, whole, options, out List<string> fields, out int rowStart, out int rowEnd))
        {
            return (CsvShape?)null;
        }

        if (fields.Count > CsvOptions.FieldCountMax)
        {
            return new Failure(FailureKind.TooLarge, $"the first line has more than {CsvOptions.FieldCountMax} fields; is '{options.Separator}' the separator?");
        }

        if (head[rowStart..rowEnd].Contains((byte)0))
        {
            return new Failure(FailureKind.Malformed, $"the first line has a NUL byte, so this is not text: '{MalformedRow.Show(head[rowStart..rowEnd])}'");
        }

        string[] names = [.. fields.Select(f => f.Trim())];
        bool header = options.Header switch
        {
            CsvHeader.Present => true,
            CsvHeader.Absent => false,
            _ => LooksLikeHeader(names, options, wanted),
        };
        if (header)
        {
            return new CsvShape([.. names], true, rowEnd);
        }

        if (options.Columns.Length > 0 && options.Columns.Length != names.Length)
        {
            return new Failure(
                FailureKind.Mismatch,
                $"no header was found and the first row has {names.Length} field{(names.Length == 1 ? "" : "s")}, but {options.Columns.Length} columns are declared; first row: '{MalformedRow.Show(head[rowStart..rowEnd].TrimEnd("\r\n"u8))}'");
        }

        return new CsvShape(
            options.Columns.Length > 0
                ? [.. options.Columns.Select(c => c.Name)]
                : [.. Enumerable.Range(1, names.Length).Select(i => string.Create(CultureInfo.InvariantCulture, $"column{i}"))],
            false,
            rowStart);
    }

    /// <summary>
    /// Where each wanted column stands. Refuses a name that the file lacks, naming the nearest ones, or has twice.
    /// </summary>
    public Outcome<CsvLayout> Find(IReadOnlyList<string> wanted)
    {
        int[] ordinals = new int[wanted.Count];
        for (int i = 0; i < ordinals.Length; i++)
        {
            ordinals[i] = Names.IndexOf(wanted[i]);
            if (ordinals[i] < 0)
            {
                string nearest = string.Join(", ", NearestNames.Find(wanted[i], Names).Select(n => $"'{n}'"));
                return new Failure(
                    FailureKind.Missing,
                    $"no column '{wanted[i]}'; {(HasHeader ? "the nearest are" : "the file has no header, and the columns it was given are the nearest:")} {nearest}");
            }

            if (Names.LastIndexOf(wanted[i]) != ordinals[i])
            {
                return new Failure(FailureKind.Malformed, $"the header has the column '{wanted[i]}' twice");
            }
        }

        return new CsvLayout(Names.Length, ordinals);
    }

    private static bool IsByteOrderMark(ReadOnlySpan<byte> head) => head.Length >= 3 && head[0] == 0xEF && head[1] == 0xBB && head[2] == 0xBF;

    private static bool LooksLikeHeader(string[] names, CsvOptions options, IReadOnlyList<string>? wanted)
    {
        HashSet<string> seen = new(names, StringComparer.Ordinal);
        if (options.Columns.Length > 0)
        {
            return options.Columns.Count(c => seen.Contains(c.Name)) * 2 > options.Columns.Length;
        }

        return (wanted is { Count: > 0 } && wanted.All(seen.Contains))
            || (seen.Count == names.Length && names.All(n => n.Length > 0 && !double.TryParse(n, CultureInfo.InvariantCulture, out _)));
    }

    /// <summary>The first row that is not blank, by the rules of <see cref="CsvOptions"/>.</summary>
    private static bool TryReadRow(
        ReadOnlySpan<byte> head, int start, bool whole, CsvOptions options, out List<string> fields, out int rowStart, out int rowEnd)
    {
        fields = [];
        while (start < head.Length && (head[start] == (byte)'\n' || (head[start] == (byte)'\r' && start + 1 < head.Length && head[start + 1] == (byte)'\n')))
        {
            start += head[start] == (byte)'\n' ? 1 : 2;
        }

        rowStart = start;
        rowEnd = start;
        List<byte> field = [];
        bool quoted = false;
        bool open = false;
        for (int i = start; i < head.Length; i++)
        {
            byte b = head[i];
            if (open)
            {
                bool doubled = b == options.Quote && i + 1 < head.Length && head[i + 1] == options.Quote;
                open = b != options.Quote || doubled;
                if (open)
                {
                    field.Add(b);
                }

                i += doubled ? 1 : 0;
            }
            else if (b == options.Quote && field.Count == 0 && !quoted)
            {
                quoted = open = true;
            }
            else if (b == options.Separator || b == (byte)'\n')
            {
                AddField(fields, field, b == (byte)'\n' && !quoted);
                quoted = false;
                if (b == (byte)'\n')
                {
                    rowEnd = i + 1;
                    return true;
                }
            }
            else if (!(quoted && b == (byte)'\r'))
            {
                field.Add(b);
            }

            if (fields.Count > CsvOptions.FieldCountMax)
            {
                rowEnd = i;
                return true;
            }
        }

        if (!whole || start >= head.Length)
        {
            return false;
        }

        AddField(fields, field, !quoted);
        rowEnd = head.Length;
        return true;
    }

    private static void AddField(List<string> fields, List<byte> field, bool trimCr)
    {
        if (trimCr && field.Count > 0 && field[^1] == (byte)'\r')
        {
            field.RemoveAt(field.Count - 1);
        }

        fields.Add(Encoding.UTF8.GetString([.. field]));
        field.Clear();
    }
}
