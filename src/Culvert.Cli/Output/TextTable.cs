using Culvert.Streams;

namespace Culvert.Cli.Output;

/// <summary>Rows in columns that line up; numbers on the right.</summary>
internal static class TextTable
{
    /// <summary>Longer cells are cut, so that a row stays a line.</summary>
    private const int WidthMax = 60;

    internal static void Write(TextWriter output, IReadOnlyList<Field> fields, IReadOnlyList<string[]> rows)
    {
        string[][] clean = [.. rows.Select(r => r.Select(Clean).ToArray())];
        int[] widths = [.. fields.Select((f, c) => clean.Select(r => r[c].Length).Append(f.Name.Length).Max())];
        WriteRow([.. fields.Select(f => f.Name)]);
        WriteRow([.. widths.Select(w => new string('-', w))]);
        foreach (string[] row in clean)
        {
            WriteRow(row);
        }

        void WriteRow(string[] cells) => output.WriteLine(string.Join("  ", cells.Select((cell, c) =>
            fields[c].Type.IsNumeric ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c]))).TrimEnd());
    }

    // What a file holds is not trusted to steer a terminal.
    private static string Clean(string text)
    {
        string clean = string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
        return clean.Length <= WidthMax ? clean : clean[..(WidthMax - 1)] + "…";
    }
}
