using System.Linq.Expressions;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>The groups of each window.</summary>
public sealed class WindowedGroups<TKey, T>
{
    private readonly Node _input;
    private readonly KeyColumns _keys;
    private readonly WindowSpec _window;

    internal WindowedGroups(Node input, KeyColumns keys, WindowSpec window) => (_input, _keys, _window) = (input, keys, window);

    /// <summary>One event per key and window, when the watermark passes the window's end, and again where late events change it.</summary>
    public WindowStream<TResult, T> Aggregate<TResult>(Expression<Func<IWindowGroup<TKey, T>, TResult>> result)
    {
        (AggregateNode aggregate, Node selected) = new AggregateBuilder<T>(_input, result, _keys, _window).Build(RowShape<TResult>.Instance);
        return new WindowStream<TResult, T>(selected, aggregate);
    }
}
