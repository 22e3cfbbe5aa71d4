using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>A row that failed, in words for whoever may see it.</summary>
public static class RowFailure
{
    /// <summary>Place, operator (or else the stage), what went wrong, and the event.</summary>
    public static string Describe(RowFailedException row, string stage)
    {
        string place = row.Data["place"] is string known ? $"{known}: " : "";
        string what = row.Operator is null ? $"{stage}: " : $"{row.Operator}: ";
        return $"{place}{what}{row.Message}{(row.Event is { Length: > 0 } shown ? $"; the event is {shown}" : "")}";
    }
}
