namespace Culvert.JobFiles.Yaml;

/// <summary>How a scalar is written.</summary>
internal enum ScalarForm
{
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Block,
}

/// <summary>A YAML scalar: its value, and the means to find the place of each character of the value in the file.</summary>
internal sealed class YamlScalar(SourceText text, Place place, Place end, string value, ScalarForm form) : YamlNode(place)
{
    internal string Value { get; } = value;

    internal ScalarForm Form { get; } = form;

    /// <summary>True for a plain scalar, the only one that can be a number, a bool or nothing.</summary>
    internal bool IsPlain => Form == ScalarForm.Plain;

    /// <summary>True for what YAML reads as nothing: an empty plain scalar, <c>~</c>, <c>null</c>.</summary>
    internal bool IsNull => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL" && IsPlain;

    internal override int NodeCount => 1;

    internal override int Depth => 1;

    /// <summary>
    /// The place of <c>Value[offset]</c>. Folding and indentation only add and drop white space, so the n-th character
    /// that is none is the n-th one in the file too; an offset at white space or the end is right behind the one before.
    /// </summary>
    internal Place PlaceOf(int offset)
    {
        int index = text.IndexOf(Place);
        int last = text.IndexOf(end);
        switch (Form)
        {
            case ScalarForm.Block:
                index = Math.Min(last, Math.Max(index, text.IndexOf(new Place(Place.Line + 1, 1))));
                break;
            case ScalarForm.SingleQuoted or ScalarForm.DoubleQuoted:
                index++;
                break;
        }

        offset = Math.Clamp(offset, 0, Value.Length);
        int behind = index;
        for (int i = 0; i <= offset; i++)
        {
            bool wanted = i == offset;
            if (wanted && (i == Value.Length || char.IsWhiteSpace(Value[i])))
            {
                break;
            }

            if (char.IsWhiteSpace(Value[i]))
            {
                continue;
            }

            index = SkipSpace(index, last);
            if (wanted)
            {
                return text.PlaceOf(Math.Min(index, last));
            }

            index += TokenLength(index, last);
            behind = index;
        }

        return text.PlaceOf(Math.Min(behind, last));
    }

    internal override string Describe() => IsNull ? "nothing" : "'" + (Value.Length > 60 ? Value[..60] + "…" : Value).ReplaceLineEndings(" ") + "'";

    private int SkipSpace(int index, int last)
    {
        while (index < last && (char.IsWhiteSpace(text.Text[index]) || IsEscapedSpace(index, last)))
        {
            index += char.IsWhiteSpace(text.Text[index]) ? 1 : 2;
        }

        return index;
    }

    private bool IsEscapedSpace(int index, int last) =>
        Form == ScalarForm.DoubleQuoted && text.Text[index] == '\\' && index + 1 < last
        && text.Text[index + 1] is 'n' or 't' or 'r' or 'v' or 'f' or ' ' or '_' or 'N' or 'L' or 'P' or '\n' or '\r' or '\t'
        && text.Text[index] == '\\';

    /// <summary>Characters of the file that make one of the value; a pair of surrogates written as one escape counts for the first.</summary>
    private int TokenLength(int index, int last)
    {
        if (index + 1 >= last)
        {
            return 1;
        }

        return (Form, text.Text[index]) switch
        {
            (ScalarForm.SingleQuoted, '\'') => 2,
            (ScalarForm.DoubleQuoted, '\\') => text.Text[index + 1] switch { 'x' => 4, 'u' => 6, 'U' => 10, _ => 2 },
            _ => 1,
        };
    }
}
