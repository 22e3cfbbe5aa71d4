using System.Globalization;
using System.Text;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary>A plan for programs that draw graphs.</summary>
internal static class PlanGraphs
{
    internal static string Mermaid(Plan plan)
    {
        StringBuilder text = new("flowchart LR\n");
        foreach (Stage stage in plan.Stages)
        {
            text.Append(CultureInfo.InvariantCulture, $"  s{stage.Id.Value}[\"{Escape(Label(stage, "<br/>"))}\"]\n");
        }

        foreach (Edge edge in plan.Edges)
        {
            text.Append(CultureInfo.InvariantCulture, $"  s{edge.From.Value} -->|\"{Escape(PlanText.EdgeText(edge))}\"| s{edge.To.Value}\n");
        }

        return text.ToString();

        static string Escape(string label) => label.Replace("\"", "#quot;", StringComparison.Ordinal);
    }

    internal static string Dot(Plan plan)
    {
        StringBuilder text = new("digraph plan {\n  rankdir=LR;\n  node [shape=box];\n");
        foreach (Stage stage in plan.Stages)
        {
            text.Append(CultureInfo.InvariantCulture, $"  s{stage.Id.Value} [label=\"{Escape(Label(stage, "\n"))}\"];\n");
        }

        foreach (Edge edge in plan.Edges)
        {
            text.Append(CultureInfo.InvariantCulture, $"  s{edge.From.Value} -> s{edge.To.Value} [label=\"{Escape(PlanText.EdgeText(edge))}\"];\n");
        }

        return text.Append("}\n").ToString();

        static string Escape(string label) => label
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
    }

    private static string Label(Stage stage, string lineEnd) => string.Join(
        lineEnd, [$"{stage.Name} ({stage.Protection}, {stage.PartitionCount})", .. stage.Operators.Select(OperatorText.Describe)]);
}
