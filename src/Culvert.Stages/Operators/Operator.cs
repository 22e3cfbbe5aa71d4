using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// One operator of a stage at work in one partition. Batches are pushed through it; what has to agree happens when a
/// round is closed. Used by one thread at a time. A batch handed to <see cref="Process"/> is the operator's to dispose.
/// </summary>
internal abstract class Operator : IDisposable
{
    private List<Target>[] _ports = [[]];

    /// <summary>How <c>plan</c> calls it.</summary>
    internal string Description { get; init; } = "";

    /// <summary>Adds a receiver of what leaves at a port.</summary>
    internal void Connect(int port, Target target)
    {
        while (_ports.Length <= port)
        {
            _ports = [.. _ports, []];
        }

        _ports[port].Add(target);
    }

    /// <summary>Takes a batch at an input.</summary>
    internal abstract void Process(int input, Batch batch);

    /// <summary>Every input has closed the round, and the operators before have done so too.</summary>
    internal virtual void CloseRound(Round round, Watermark watermark)
    {
    }

    /// <summary>There is no more input: emit what is left.</summary>
    internal virtual void Finish(Round round)
    {
    }

    /// <summary>The watermark behind this operator, given that before it.</summary>
    internal virtual Watermark Advance(Watermark input) => input;

    /// <summary>Writes what it has to remember beside tables; called between rounds only.</summary>
    internal virtual void Save(ByteBuffer cells)
    {
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    internal virtual void Restore(ReadOnlySpan<byte> cells)
    {
    }

    /// <summary>Its tables, with names that are unique within it.</summary>
    internal virtual IEnumerable<(string Name, StateTable Table)> Tables => [];

    /// <summary>Takes over a table of a snapshot; called before <see cref="Restore"/>.</summary>
    internal virtual void Adopt(string name, StateTable table) =>
        throw new StageFailedException($"the snapshot has a table '{name}' for {Description}, which has none");

    /// <summary>Events that were dropped because they came too late.</summary>
    internal virtual long LateEvents => 0;

    public void Dispose() => Release();

    /// <summary>Gives up what it holds.</summary>
    private protected virtual void Release()
    {
    }

    /// <summary>Passes a batch on to every receiver of a port.</summary>
    private protected void Emit(Batch batch, int port = 0)
    {
        if (batch.Count == 0 || port >= _ports.Length || _ports[port].Count == 0)
        {
            batch.Dispose();
            return;
        }

        List<Target> targets = _ports[port];
        for (int i = 1; i < targets.Count; i++)
        {
            batch.Retain();
        }

        foreach (Target target in targets)
        {
            target.Receive(batch);
        }
    }

    /// <summary>
    /// For exception filters: gives a failure its row in this operator's own input (by <paramref name="rows"/>, where it
    /// renumbered them), while the failure is still on its way up. Always false: nothing is caught here.
    /// </summary>
    private protected static bool Translate(RowFailedException failure, ReadOnlySpan<int> rows)
    {
        if ((uint)failure.Row < (uint)rows.Length)
        {
            failure.Row = rows[failure.Row];
        }

        return false;
    }

    /// <summary>For exception filters: notes what failed and shows the event, once. Always false.</summary>
    private protected bool Note(RowFailedException failure, Batch batch)
    {
        if (failure.Operator is null)
        {
            failure.Operator = Description;
            failure.Event ??= EventText.Describe(batch, failure.Row);
        }

        return false;
    }
}

/// <summary>Who receives what an operator emits: another operator's input, or an edge.</summary>
internal abstract class Target
{
    /// <summary>Takes over a batch.</summary>
    internal abstract void Receive(Batch batch);
}

/// <summary>The input of an operator of the same stage.</summary>
internal sealed class OperatorTarget(Operator op, int input) : Target
{
    internal override void Receive(Batch batch) => op.Process(input, batch);
}
