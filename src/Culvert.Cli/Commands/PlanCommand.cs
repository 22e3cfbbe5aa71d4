using System.CommandLine;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary><c>culvert plan</c>.</summary>
internal static class PlanCommand
{
    private static readonly string[] Formats = ["text", "mermaid", "dot", "json"];

    internal static Command Create()
    {
        Argument<string> job = new("job") { Description = "The job file." };
        Option<string> format = new("--format", "-f") { Description = "text, mermaid, dot or json.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong(Formats);
        Option<string[]> input = new("--input", "-i") { Description = "Files or patterns to read instead of the job's." };
        Command command = new("plan", "Shows what a job file compiles to: stages, schemas, edges, digest.") { job, format, input };
        command.SetAction(parsed =>
        {
            Plan plan = Plan.Compile(JobLoading.Load(parsed.GetValue(job)!, parsed.GetValue(input) ?? [], new MalformedRows()).Job);
            Console.Out.Write(parsed.GetValue(format) switch
            {
                "mermaid" => PlanGraphs.Mermaid(plan),
                "dot" => PlanGraphs.Dot(plan),
                "json" => PlanJson.Write(plan),
                _ => PlanText.Write(plan),
            });
            return ExitCode.Success;
        });
        return command;
    }
}
