using System.Linq.Expressions;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>What comes out of windows, and beside it what came too late for them.</summary>
public sealed class WindowStream<TResult, T> : Stream<TResult>
{
    internal WindowStream(Node node, AggregateNode aggregate)
        : base(node) => LateEvents = new Stream<T>(new LateNode(aggregate));

    /// <summary>The events that came too late for every window they belong to, as they were.</summary>
    public Stream<T> LateEvents { get; }
}
