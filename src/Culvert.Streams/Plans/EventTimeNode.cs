using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>Gives each event its time, in the column <see cref="Node.EventTimeColumn"/>, and starts the watermark.</summary>
public sealed class EventTimeNode(Node input, Expr time, TimeSpan disorder)
    : Node(new Schema([.. input.Schema.Fields.Where(f => f.Name != EventTimeColumn), new Field(EventTimeColumn, new ColumnType(ValueKind.DateTime))]), input)
{
    /// <summary>The time, a DateTime or DateTimeOffset over the input's columns; a null time fails the row.</summary>
    public Expr Time { get; } = time;

    /// <summary>By how much an event may be older than the newest before it without being late.</summary>
    public TimeSpan Disorder { get; } = disorder;
}
