using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Culvert.Attestation;
using Culvert.Cli.Jobs;
using Culvert.Cli.Output;

namespace Culvert.Cli.Commands.Attest;

/// <summary><c>culvert attest explain</c>: every field of evidence, in words; nothing is verified.</summary>
internal static class ExplainEvidenceCommand
{
    internal static Command Make()
    {
        Option<string> evidence = EvidenceInput.Evidence();
        Option<string?> format = JobSymbols.OneOf("--format", "text (default) or JSON", "text", "json");
        Command command = new("explain", "Show every field of evidence, in words; nothing is verified") { evidence, format };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(evidence)!;
            Outcome<Evidence> found = EvidenceInput.ReadEvidence(path);
            if (!found.Succeeded)
            {
                throw new CommandFailedException(ExitCode.Failed, $"{path}: {found.Failure.Message}");
            }

            Outcome<ImmutableArray<ExplainedField>> fields = EvidenceExplanation.Of(found.Value);
            if (!fields.Succeeded)
            {
                throw new CommandFailedException(ExitCode.Failed, $"{path}: {fields.Failure.Message}");
            }

            if (parsed.GetValue(format) == "json")
            {
                WriteJson(found.Value.Kind, fields.Value);
            }
            else
            {
                WriteText(found.Value.Kind, fields.Value);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void WriteText(EvidenceKind kind, ImmutableArray<ExplainedField> fields)
    {
        Terminal.Out.WriteLine($"{EvidenceKindName.Of(kind)} evidence, as it states itself; 'culvert attest verify' tells whether to believe it");
        string section = "";
        foreach (ExplainedField field in fields)
        {
            if (field.Section != section)
            {
                section = field.Section;
                Terminal.Out.WriteLine();
                Terminal.Out.WriteLine(Clean(section));
            }

            Terminal.Out.WriteLine($"  {field.Name}: {(field.Value.Length == 0 ? "(none)" : Clean(field.Value))}");
            Terminal.Out.WriteLine($"      {field.Words}");
        }
    }

    private static void WriteJson(EvidenceKind kind, ImmutableArray<ExplainedField> fields)
    {
        using Utf8JsonWriter json = new(DescriptorStream.StandardOutput, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteString("kind", EvidenceKindName.Of(kind));
        json.WriteStartArray("fields");
        foreach (ExplainedField field in fields)
        {
            json.WriteStartObject();
            json.WriteString("section", field.Section);
            json.WriteString("name", field.Name);
            json.WriteString("value", field.Value);
            json.WriteString("words", field.Words);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        DescriptorStream.StandardOutput.Write("\n"u8);
    }

    // What evidence holds is not trusted to steer a terminal.
    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
