using System.Globalization;
using System.Text;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>An event in words, for messages: bounded, so that a huge value does not hide the message.</summary>
internal static class EventText
{
    private const int FieldsMax = 12;
    private const int ValueLengthMax = 60;

    internal static string Describe(Batch batch, int row)
    {
        if ((uint)row >= (uint)batch.Count)
        {
            return "";
        }

        StringBuilder text = new("{");
        for (int c = 0; c < batch.Schema.Count && c < FieldsMax; c++)
        {
            object? value = batch.Schema[c].Type.Kind == ValueKind.State ? "…" : batch[c].GetValue(row);
            string shown = value switch
            {
                null => "null",
                string s => $"'{Cut(s)}'",
                byte[] b => Cut(Convert.ToHexString(b)),
                IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
                _ => value.ToString() ?? "",
            };
            text.Append(c > 0 ? ", " : "").Append(batch.Schema[c].Name).Append(": ").Append(shown);
        }

        return text.Append(batch.Schema.Count > FieldsMax ? ", …}" : "}").ToString();
    }

    private static string Cut(string text) => text.Length <= ValueLengthMax ? text : text[..ValueLengthMax] + "…";
}
