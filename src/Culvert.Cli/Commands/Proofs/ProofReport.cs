using System.Collections.Immutable;
using System.Text.Json;
using Culvert.Attestation;
using Culvert.Cli.Output;

namespace Culvert.Cli.Commands.Proofs;

/// <summary>A verdict on a proof: for people, or as one JSON document.</summary>
internal static class ProofReport
{
    /// <summary>Columns of text: what reads well, and fits most terminals.</summary>
    private const int WidthMax = 100;

    private const string Simulation =
        "THIS IS A SIMULATION. An ordinary process played the enclave, and a development key signed its evidence: it proves nothing about hardware, and nothing against whoever ran the machine.";

    internal static void WriteText(string path, ProofVerdict verdict, bool simulationIsAllowed)
    {
        TextWriter output = Terminal.Out;
        if (verdict.IsSimulation)
        {
            WriteWrapped(output, "", "", Simulation);
            output.WriteLine();
        }

        output.WriteLine($"{path}: {InWords(verdict.Status)}");
        int width = verdict.Checks.Max(c => c.Name.Length);
        foreach (ProofCheck check in verdict.Checks)
        {
            string mark = check.Outcome switch { ProofCheckOutcome.Holds => "ok   ", ProofCheckOutcome.Fails => "FAILS", _ => "-    " };
            WriteWrapped(output, $"  {mark}  {check.Name.PadRight(width)}  ", new string(' ', width + 11), check.Words);
        }

        WriteSentences(output, "Proven", verdict.Proven);
        WriteSentences(output, "Not proven", verdict.NotProven);
        Terminal.Flush();
        if (verdict.Status == ProofStatus.HoldsAsSimulation && !simulationIsAllowed)
        {
            Terminal.Error.WriteLine($"culvert: exit code {ExitCode.OnlySimulation}: the proof holds, but as a simulation; --allow-simulation takes that for success");
        }
    }

    internal static void WriteJson(ProofVerdict verdict)
    {
        using Utf8JsonWriter json = new(DescriptorStream.StandardOutput, new JsonWriterOptions
        {
            Indented = true,
            NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
        json.WriteStartObject();
        json.WriteBoolean("simulation", verdict.IsSimulation);
        json.WriteString("status", verdict.Status switch { ProofStatus.Holds => "holds", ProofStatus.HoldsAsSimulation => "holds-as-simulation", _ => "fails" });
        json.WriteStartArray("checks");
        foreach (ProofCheck check in verdict.Checks)
        {
            json.WriteStartObject();
            json.WriteString("check", check.Name);
            json.WriteString("outcome", check.Outcome switch { ProofCheckOutcome.Holds => "holds", ProofCheckOutcome.Fails => "fails", _ => "not-checked" });
            json.WriteString("words", check.Words);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteArray(json, "proven", verdict.Proven);
        WriteArray(json, "notProven", verdict.NotProven);
        json.WriteEndObject();
        json.Flush();
        DescriptorStream.StandardOutput.Write("\n"u8);
    }

    private static string InWords(ProofStatus status) => status switch
    {
        ProofStatus.Holds => "the proof holds",
        ProofStatus.HoldsAsSimulation => "the proof holds, as a simulation",
        _ => "the proof does NOT hold",
    };

    private static void WriteSentences(TextWriter output, string heading, ImmutableArray<string> sentences)
    {
        if (sentences.IsEmpty)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine($"{heading}:");
        foreach (string sentence in sentences)
        {
            WriteWrapped(output, "  - ", "    ", sentence);
        }
    }

    private static void WriteArray(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void WriteWrapped(TextWriter output, string first, string further, string text)
    {
        string line = first;
        bool isBare = true;
        foreach (string word in ProofFiles.Clean(text).Split(' '))
        {
            if (!isBare && line.Length + 1 + word.Length > WidthMax)
            {
                output.WriteLine(line);
                (line, isBare) = (further, true);
            }

            line += isBare ? word : " " + word;
            isBare = false;
        }

        output.WriteLine(line);
    }
}
