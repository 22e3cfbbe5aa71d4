namespace Culvert.JobFiles.Yaml;

/// <summary>The text of a file, and where its lines start.</summary>
internal sealed class SourceText
{
    private readonly List<int> _starts = [0];

    internal SourceText(string file, string text)
    {
        File = file;
        Text = text.StartsWith('\uFEFF') ? text[1..] : text;
        for (int i = 0; i < Text.Length; i++)
        {
            // The breaks that the YAML scanner counts: its line numbers are looked up here.
            bool isBreak = Text[i] is '\n' or '\u0085' or '\u2028' or '\u2029'
                || (Text[i] == '\r' && (i + 1 == Text.Length || Text[i + 1] != '\n'));
            if (isBreak)
            {
                _starts.Add(i + 1);
            }
        }
    }

    internal string File { get; }

    internal string Text { get; }

    /// <summary>The index of a place, cut to the text.</summary>
    internal int IndexOf(Place place) =>
        place.Line > _starts.Count ? Text.Length
        : Math.Min(Text.Length, _starts[Math.Max(1, place.Line) - 1] + Math.Max(1, place.Column) - 1);

    /// <summary>The place of an index.</summary>
    internal Place PlaceOf(int index)
    {
        int line = _starts.BinarySearch(index);
        line = line < 0 ? ~line - 1 : line;
        return new Place(line + 1, index - _starts[line] + 1);
    }

    /// <summary>A line without its end, or null when there is no such line.</summary>
    internal string? Line(int line)
    {
        if (line < 1 || line > _starts.Count)
        {
            return null;
        }

        int start = _starts[line - 1];
        int end = line == _starts.Count ? Text.Length : _starts[line];
        return Text[start..end].TrimEnd('\r', '\n', '\u0085', '\u2028', '\u2029');
    }

    /// <summary>The first tab that stands before everything else in its line, spaces aside; null when there is none.</summary>
    internal Place? FirstIndentingTab()
    {
        for (int line = 0; line < _starts.Count; line++)
        {
            int i = _starts[line];
            while (i < Text.Length && Text[i] == ' ')
            {
                i++;
            }

            if (i < Text.Length && Text[i] == '\t')
            {
                return new Place(line + 1, i - _starts[line] + 1);
            }
        }

        return null;
    }
}
