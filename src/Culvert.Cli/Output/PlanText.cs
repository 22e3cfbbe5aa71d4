using System.Globalization;
using System.Text;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary>A plan as text for people.</summary>
internal static class PlanText
{
    internal static string Write(Plan plan)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"job {plan.JobName}    plan {plan.Digest.Short}\n");
        foreach (Stage stage in plan.Stages)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{stage.Name}    {stage.Protection}, {stage.PartitionCount} partition{(stage.PartitionCount == 1 ? "" : "s")}");
            text.Append(stage.Constraints.IsEmpty ? "\n" : $", on {string.Join(", ", stage.Constraints)}\n");
            foreach (Edge edge in plan.Edges.Where(e => e.To == stage.Id))
            {
                text.Append(CultureInfo.InvariantCulture, $"  ← {plan.Stages[edge.From.Value].Name}    {EdgeText(edge)}\n");
            }

            for (int i = 0; i < stage.Operators.Length; i++)
            {
                PlanOperator op = stage.Operators[i];
                text.Append(CultureInfo.InvariantCulture, $"  {OperatorText.Describe(op)}\n");
                text.Append(CultureInfo.InvariantCulture, $"      ({SchemaText(op.Output)})\n");
            }
        }

        return text.ToString();
    }

    internal static string EdgeText(Edge edge)
    {
        string dispatch = edge.Dispatch switch
        {
            Dispatch.ByKey => $"by {string.Join(", ", edge.KeyColumns.Select(c => edge.Schema[c].Name))}",
            Dispatch.RoundRobin => "round robin",
            _ => edge.Dispatch.ToString().ToLowerInvariant(),
        };
        return edge.Ordered ? $"{dispatch}, ordered" : dispatch;
    }

    /// <summary>The columns that have names; states of aggregates are counted.</summary>
    internal static string SchemaText(Schema schema)
    {
        int states = schema.Fields.Count(f => f.Name.StartsWith('$') && f.Name != Node.EventTimeColumn);
        string shown = string.Join(", ", schema.Fields.Where(f => !f.Name.StartsWith('$') || f.Name == Node.EventTimeColumn));
        return states == 0 ? shown : $"{shown}{(shown.Length > 0 ? ", " : "")}{states} state{(states == 1 ? "" : "s")}";
    }
}
