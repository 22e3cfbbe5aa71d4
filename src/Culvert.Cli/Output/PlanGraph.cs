using Culvert.Streams;

namespace Culvert.Cli.Output;

/// <summary>A plan as a diagram in the languages of Mermaid and Graphviz.</summary>
internal static class PlanGraph
{
    internal static void WriteMermaid(PlanView view, TextWriter writer)
    {
        writer.WriteLine("flowchart TD");
        foreach (PlanView.StageView stage in view.Stages)
        {
            IEnumerable<string> lines = Lines(stage).Select(l => l
                .Replace("&", "&amp;", StringComparison.Ordinal)
                .Replace("\"", "&quot;", StringComparison.Ordinal)
                .Replace("<", "&lt;", StringComparison.Ordinal)
                .Replace(">", "&gt;", StringComparison.Ordinal));
            writer.WriteLine($"  s{stage.Stage.Id.Value}[\"{string.Join("<br/>", lines)}\"]");
        }

        foreach (Edge edge in view.Plan.Edges)
        {
            writer.WriteLine($"  s{edge.From.Value} -->|\"{Label(edge).Replace("\"", "&quot;", StringComparison.Ordinal)}\"| s{edge.To.Value}");
        }
    }

    internal static void WriteDot(PlanView view, TextWriter writer)
    {
        writer.WriteLine($"digraph {Quote(view.Plan.JobName)} {{");
        writer.WriteLine("  node [shape=box, fontname=\"sans-serif\"];");
        writer.WriteLine("  edge [fontname=\"sans-serif\"];");
        foreach (PlanView.StageView stage in view.Stages)
        {
            // Graphviz's \l ends a line that stands on the left.
            string label = string.Concat(Lines(stage).Select(l => Escape(l) + "\\l"));
            writer.WriteLine($"  s{stage.Stage.Id.Value} [label=\"{label}\"];");
        }

        foreach (Edge edge in view.Plan.Edges)
        {
            writer.WriteLine($"  s{edge.From.Value} -> s{edge.To.Value} [label={Quote(Label(edge))}];");
        }

        writer.WriteLine("}");
    }

    private static IEnumerable<string> Lines(PlanView.StageView stage) =>
        [$"{stage.Stage.Name} ×{stage.Stage.PartitionCount}", .. stage.Operators.Select(Squeeze)];

    private static string Label(Edge edge) => $"{PlanView.Describe(edge)}, {PlanView.Order(edge)}";

    private static string Squeeze(string text) => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Quote(string text) => $"\"{Escape(text)}\"";

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
