using System.CommandLine;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Jobs;
using Culvert.Cli.Output;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Cli.Commands;

/// <summary><c>culvert plan</c>: what a job compiles to.</summary>
internal static class PlanCommand
{
    internal static Command Make()
    {
        Argument<string> job = JobSymbols.Job();
        Option<string[]> input = JobSymbols.Input();
        Option<string?> format = JobSymbols.OneOf("--format", "text (default), a diagram for Mermaid or Graphviz, or JSON", "text", "mermaid", "dot", "json");
        Option<string?> key = OwnerKeyOptions.Key();
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        Command command = new("plan", "Show the stages that a job compiles to, and what flows between them") { job, input, format, key, passphrase };
        command.SetAction(parsed =>
        {
            using Interruption interruption = new();
            using Secret? owner = OwnerKeyChoice.Of(parsed, key, passphrase)?.Open();
            LoadedJob loaded = LoadedJob.Load(JobSymbols.Request(parsed.GetValue(job)!, parsed.GetValue(input)).OwnedBy(owner));
            Show(PlanView.Of(Plan.Compile(loaded.File.Job), loaded.File), parsed.GetValue(format) ?? "text");
            return ExitCode.Success;
        });
        return command;
    }

    private static void Show(PlanView plan, string format)
    {
        switch (format)
        {
            case "mermaid":
                PlanGraph.WriteMermaid(plan, Terminal.Out);
                break;
            case "dot":
                PlanGraph.WriteDot(plan, Terminal.Out);
                break;
            case "json":
                PlanJson.Write(plan, DescriptorStream.StandardOutput);
                break;
            default:
                PlanText.Write(plan, Terminal.Out);
                break;
        }
    }
}
