using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>
/// C# functions over events, one after another: events are read from columns before the first and written after the
/// last, and stay .NET values in between.
/// </summary>
public sealed class DelegateCode : Code
{
    private readonly ImmutableArray<RowStep> _steps;

    private DelegateCode(Schema input, RowShape result, ImmutableArray<RowStep> steps) =>
        (Input, Output, Result, _steps) = (input, OutputOf(input, result, steps), result, steps);

    /// <summary>The events that the last step gives.</summary>
    internal RowShape Result { get; }

    /// <inheritdoc/>
    public override Schema Input { get; }

    /// <inheritdoc/>
    public override Schema Output { get; }

    /// <inheritdoc/>
    public override string Identity => string.Join(";", _steps.Select(s => s.Identity));

    /// <inheritdoc/>
    public override string Description => string.Join(", ", _steps.Select(s => s.Description));

    /// <summary>The code that begins with one step.</summary>
    internal static DelegateCode Start(Schema input, RowStep step, RowShape result) => new(input, result, [step]);

    /// <summary>This code with one more step, which takes what the last gives.</summary>
    internal DelegateCode Then(RowStep step, RowShape result) => new(Input, result, _steps.Add(step));

    /// <inheritdoc/>
    public override ICodeInstance Create()
    {
        bool gather = _steps.All(s => s.IsFilter);
        IRowOutput output = _steps[^1].CreateOutput(gather, Output, Input.IndexOf(Node.EventTimeColumn));
        object first = output;
        for (int i = _steps.Length - 1; i >= 0; i--)
        {
            first = _steps[i].Create(first);
        }

        return _steps[0].CreateInput(Input, first, output);
    }

    private static Schema OutputOf(Schema input, RowShape result, ImmutableArray<RowStep> steps) =>
        steps.All(s => s.IsFilter) ? input
        : input.IndexOf(Node.EventTimeColumn) is var time and >= 0 ? new Schema([.. result.Schema.Fields, input[time]])
        : result.Schema;
}

/// <summary>A chain of steps at work in one partition.</summary>
internal sealed class DelegateInstance<T>(RowReader<T> reader, RowStage<T> first, IRowOutput output) : ICodeInstance
{
    private readonly T[] _rows = new T[RowStage<T>.PieceRows];
    private readonly int[] _origins = new int[RowStage<T>.PieceRows];

    public void Run(Batch batch, ulong seed, Action<Batch> emit)
    {
        output.Begin(batch, emit);
        reader.Bind(batch);
        for (int start = 0; start < batch.Count; start += _rows.Length)
        {
            int count = Math.Min(_rows.Length, batch.Count - start);
            reader.Read(start, count, _rows);
            for (int i = 0; i < count; i++)
            {
                _origins[i] = start + i;
            }

            first.Push(_rows, _origins, count);
        }

        output.End();
    }

    public void Dispose()
    {
    }
}
