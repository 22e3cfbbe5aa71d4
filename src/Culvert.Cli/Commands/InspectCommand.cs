using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Culvert.Cli.Output;
using Culvert.Cli.Sealed;
using Culvert.Sealing;

namespace Culvert.Cli.Commands;

/// <summary><c>culvert inspect</c>: what somebody without the key learns from a sealed file.</summary>
internal static class InspectCommand
{
    internal static Command Make()
    {
        Argument<string> file = SealedSymbols.File();
        Option<string?> format = JobSymbols.OneOf("--format", "text (default) or one JSON document", "text", "json");
        Command command = new("inspect", "Show what an outsider learns from a sealed file, which is what a cloud sees") { file, format };
        command.SetAction(parsed =>
        {
            using Interruption interruption = new();
            string path = parsed.GetValue(file)!;
            using FileStream stream = SealedFiles.OpenStream(path);
            SealedFileIndex index = SealedFiles.Checked(SealedFileIndex.Read(path, stream));
            if (parsed.GetValue(format) == "json")
            {
                WriteJson(index);
            }
            else
            {
                WriteText(path, index);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void WriteText(string path, SealedFileIndex index)
    {
        TextWriter output = Terminal.Out;
        int strands = index.Header.StrandCount;
        int ended = Enumerable.Range(0, strands).Count(s => index.End(s) is not null);
        string state = index.CutAt is { } cut ? $"cut inside a block at byte {Count(cut)}"
            : ended == strands ? "ended"
            : $"{ended} of {strands} ended: row groups may be missing";
        output.WriteLine($"{path}: a sealed file of {Count(index.Length)} bytes");
        output.WriteLine($"  stream       {index.Header.Stream}");
        output.WriteLine($"  owner's key  {index.Header.OwnerKey}");
        output.WriteLine($"  strands      {strands}, {state}");
        output.WriteLine($"  row groups   {Count(Enumerable.Range(0, strands).Sum(s => (long)index.Groups(s).Count))}");
        if (index.SupersededBytes > 0)
        {
            output.WriteLine($"  superseded   {Count(index.SupersededBytes)} bytes that a resumed writer wrote again");
        }

        output.WriteLine($"  columns      {index.Header.ColumnCount}, sealed bytes of each:");
        for (int c = 0; c < index.Header.ColumnCount; c++)
        {
            output.WriteLine($"    {c + 1,5}  {Count(index.ColumnBytes(c)),17}");
        }

        output.WriteLine();
        output.WriteLine("Without the key nobody learns the columns' names and types, how many rows there are, any value,");
        output.WriteLine("what was sealed or which job it is the result of, or can change any of it unnoticed.");
    }

    private static void WriteJson(SealedFileIndex index)
    {
        using (Utf8JsonWriter json = new(DescriptorStream.StandardOutput, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("bytes", index.Length);
            json.WriteString("stream", index.Header.Stream.ToString());
            json.WriteString("ownerKey", index.Header.OwnerKey.ToString());
            json.WriteBoolean("ended", index.HasAllEnds);
            if (index.CutAt is { } cut)
            {
                json.WriteNumber("cutAt", cut);
            }

            json.WriteNumber("supersededBytes", index.SupersededBytes);
            json.WriteStartArray("strands");
            for (int s = 0; s < index.Header.StrandCount; s++)
            {
                json.WriteStartObject();
                json.WriteNumber("rowGroups", index.Groups(s).Count);
                json.WriteBoolean("ended", index.End(s) is not null);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("columnBytes");
            for (int c = 0; c < index.Header.ColumnCount; c++)
            {
                json.WriteNumberValue(index.ColumnBytes(c));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        DescriptorStream.StandardOutput.WriteByte((byte)'\n');
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
