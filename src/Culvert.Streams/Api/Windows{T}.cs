using System.Linq.Expressions;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>The windows of a stream without keys.</summary>
public sealed class Windows<T>
{
    private readonly Node _input;
    private readonly WindowSpec _window;

    internal Windows(Node input, WindowSpec window) => (_input, _window) = (input, window);

    /// <summary>One event per window, when the watermark passes its end, and again where late events change it.</summary>
    public WindowStream<TResult, T> Aggregate<TResult>(Expression<Func<IWindow<T>, TResult>> result)
    {
        (AggregateNode aggregate, Node selected) = new AggregateBuilder<T>(_input, result, null, _window).Build(RowShape<TResult>.Instance);
        return new WindowStream<TResult, T>(selected, aggregate);
    }
}
