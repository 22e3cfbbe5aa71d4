using Culvert.Streams;

namespace Culvert.Cli.Output;

/// <summary>A plan as text: stages from top to bottom, and the edges into each above it.</summary>
internal static class PlanText
{
    internal static void Write(PlanView view, TextWriter writer)
    {
        Plan plan = view.Plan;
        writer.WriteLine($"job {plan.JobName}   plan {plan.Digest.Short}");
        if (view.Description is { } description)
        {
            writer.WriteLine($"    {description}");
        }

        foreach (PlanView.StageView stage in view.Stages)
        {
            writer.WriteLine();
            foreach (Edge edge in plan.Edges.Where(e => e.To == stage.Stage.Id))
            {
                writer.WriteLine($"    ↓ from {plan.Stages[edge.From.Value].Name}, {PlanView.Describe(edge)}, {PlanView.Order(edge)}");
            }

            string partitions = stage.Stage.PartitionCount == 1 ? "1 partition" : $"{stage.Stage.PartitionCount} partitions";
            string constraints = stage.Stage.Constraints.IsEmpty ? "" : $", on {string.Join(", ", stage.Stage.Constraints)}";
            writer.WriteLine($"{stage.Stage.Name}   {partitions}, {stage.Stage.Protection.ToString().ToLowerInvariant()}{constraints}");
            WriteOperators(stage, writer);
        }

        writer.WriteLine();
        writer.WriteLine($"digest {plan.Digest}");
    }

    private static void WriteOperators(PlanView.StageView stage, TextWriter writer)
    {
        for (int i = 0; i < stage.Operators.Count; i++)
        {
            string branch = i == stage.Operators.Count - 1 ? "└" : "├";
            writer.WriteLine($"  {branch} {stage.Operators[i]}");
            if (i == 0 && stage.Stage.Source is { } source)
            {
                string side = stage.Operators.Count > 1 ? "│" : " ";
                string read = stage.ColumnsInFile is { } all && all > source.Schema.Count
                    ? $"reads {source.Schema.Count} of {all} columns: "
                    : "columns: ";
                writer.WriteLine($"  {side}            {read}{string.Join(", ", source.Schema.Fields)}");
            }
        }

        if (stage.Output is { } output && (stage.Operators.Count > 1 || stage.Stage.Source is null))
        {
            writer.WriteLine($"    gives {string.Join(", ", PlanView.Shown(output))}");
        }
    }
}
