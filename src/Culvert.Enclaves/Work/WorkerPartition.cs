using System.Buffers;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>A partition that a worker holds: its step, the frames that wait for it, and its source if it has one. Run by the worker's one thread.</summary>
internal sealed class WorkerPartition : IDisposable
{
    /// <summary>Pieces of work before other partitions get their turn.</summary>
    private const int PiecesPerTurn = 32;

    /// <summary>An endless source without input closes an empty round after this time, so that whoever merges it with others goes on.</summary>
    private static readonly TimeSpan s_quietRoundTime = TimeSpan.FromMilliseconds(100);

    private readonly StageWorker _worker;
    private readonly ISourcePartition? _source;
    private readonly Action<Batch> _push;
    private readonly Queue<Frame> _inbox = new();
    private bool _roundStarted;
    private TimeSpan? _quietSince;

    internal WorkerPartition(StageWorker worker, PartitionStep step, SealedEdges edges, FrameSealer reports, ISourcePartition? source)
    {
        (_worker, Step, Edges, Reports, _source) = (worker, step, edges, reports, source);
        _push = Push;
        if (source is not null)
        {
            source.Wake = () => worker.Schedule(this);
        }
    }

    internal PartitionStep Step { get; }

    /// <summary>Seals what this instance sends and opens what it gets.</summary>
    internal SealedEdges Edges { get; }

    /// <summary>Seals what it tells the owner.</summary>
    internal FrameSealer Reports { get; }

    /// <summary>What it notes of the result; null where it has nothing to state.</summary>
    internal PartitionProof? Proof { get; init; }

    /// <summary>Its sink, once it is open; null where it has none.</summary>
    internal ISinkWriter? Sink { get; set; }

    /// <summary>Whether it stands in the worker's queue.</summary>
    internal bool IsScheduled { get; set; }

    /// <summary>When to look at its source again although nobody called; null while nothing is waited for.</summary>
    internal TimeSpan? WakeAt { get; private set; }

    /// <summary>Whether it has taken its part in the snapshot that is under way.</summary>
    internal bool HasTakenPart { get; set; }

    /// <summary>The number of its last report: its place on the edge of reports.</summary>
    internal SequenceNumber NextReport { get; set; }

    /// <summary>When it was sent.</summary>
    internal TimeSpan LastReportAt { get; set; }

    internal ReadOnlyMemory<byte> SourcePosition
    {
        get
        {
            ArrayBufferWriter<byte> writer = new();
            _source?.WritePosition(writer);
            return writer.WrittenMemory;
        }
    }

    internal void Receive(Frame frame)
    {
        _inbox.Enqueue(frame);
        _worker.Schedule(this);
    }

    internal PartitionReport Report(string? failure) => _source is null
        ? new PartitionReport(Step.Rows, 0, Step.LateEvents, Step.IsFinished, failure)
        : new PartitionReport(_source.Counts.Rows, _source.Counts.Malformed, Step.LateEvents, Step.IsFinished, failure);

    /// <summary>Does a bounded piece of work; tells whether there is more at hand.</summary>
    internal bool Work()
    {
        WakeAt = null;
        return _source is null ? WorkOnFrames() : WorkOnSource(_source);
    }

    public void Dispose()
    {
        while (_inbox.TryDequeue(out Frame? frame))
        {
            frame.Batch?.Dispose();
        }

        Step.Dispose();
        _source?.Dispose();
        Edges.Dispose();
        Reports.Dispose();
        Proof?.Dispose();
    }

    private bool WorkOnFrames()
    {
        while (_inbox.TryDequeue(out Frame? frame))
        {
            Outcome<bool> taken = Step.Receive(frame);
            if (taken.Failure is { } failure)
            {
                throw new IntegrityException(failure);
            }
        }

        for (int piece = 0; piece < PiecesPerTurn; piece++)
        {
            if (Step.IsFinished || !_worker.MayWorkOn(Step.Producer.Stage, Step.CurrentRound))
            {
                return false;
            }

            switch (Step.Advance())
            {
                case MergeStep.Wait:
                    return false;
                case MergeStep.CompleteRound or MergeStep.Finish:
                    _worker.RoundCompleted(this);
                    break;
                default:
                    break;
            }
        }

        return true;
    }

    private bool WorkOnSource(ISourcePartition source)
    {
        if (Step.IsFinished || !_worker.MayWorkOn(Step.Producer.Stage, Step.CurrentRound))
        {
            return false;
        }

        if (!_roundStarted && !_worker.MayStart(Step.CurrentRound))
        {
            return false;
        }

        _roundStarted = true;
        SourceStep step = source.ReadRound(_push, _worker.Stopping);
        switch (step.Kind)
        {
            case SourceStepKind.Round:
                CloseRound();
                return true;
            case SourceStepKind.End:
                Step.End();
                _worker.RoundCompleted(this);
                return false;
            default:
                return WaitForInput(step.WaitFor);
        }
    }

    private void CloseRound()
    {
        _quietSince = null;
        _roundStarted = false;
        Step.CloseRound();
        _worker.RoundCompleted(this);
    }

    private bool WaitForInput(TimeSpan asked)
    {
        if (asked == Timeout.InfiniteTimeSpan)
        {
            return false; // it has asked for what it needs, and is woken when that comes
        }

        TimeSpan now = _worker.Now;
        _quietSince ??= now;
        TimeSpan left = _quietSince.Value + s_quietRoundTime - now;
        if (left <= TimeSpan.Zero)
        {
            CloseRound();
            return true;
        }

        WakeAt = now + (asked < left ? asked : left);
        return false;
    }

    private void Push(Batch batch)
    {
        try
        {
            Step.Push(batch);
        }
        catch (RowFailedException failure) when (NotePlace(failure))
        {
            throw;
        }
    }

    /// <summary>While the source still knows the batch, the row gets its place. Always false: nothing is caught.</summary>
    private bool NotePlace(RowFailedException failure)
    {
        failure.Data["place"] ??= _source!.Locate(failure.Row);
        return false;
    }
}
