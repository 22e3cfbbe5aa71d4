using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// A partition of a stage at work: check, merge, operate, advance, send. It knows nothing of sockets, threads or
/// processes: frames (or a source's batches) are given to it, and frames leave through a sink. Used by one thread at a
/// time. The same step runs in a worker, in an enclave and in a simulation.
/// </summary>
public sealed class PartitionStep : IDisposable
{
    private readonly Plan _plan;
    private readonly Stage _stage;
    private readonly Operator[] _operators;
    private readonly (Operator Operator, int Input)[] _entries; // by edge number
    private readonly EdgeOutput[] _outputs;
    private readonly TimestampVector _vector;
    private readonly RoundMerge<Frame> _merge;
    private readonly Watermark[] _watermarks; // by operator, behind it
    private bool _failed;

    /// <summary>Makes a partition of a plan's stage: anew, or from a snapshot.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stage">Which stage.</param>
    /// <param name="partition">Which of its partitions.</param>
    /// <param name="frames">Where frames go.</param>
    /// <param name="services">What sinks and code need of the place they run at.</param>
    /// <param name="state">What a snapshot held, or null for a new partition.</param>
    /// <param name="dispatchKeys">
    /// For each edge the key by which its rows are given to partitions, or null for the open hash; the same for all
    /// partitions of the stage and for all of a run's life. The keys stay the caller's, and are not disposed before.
    /// </param>
    public PartitionStep(
        Plan plan,
        StageId stage,
        PartitionId partition,
        IFrameSink frames,
        IStageServices services,
        PartitionState? state = null,
        Func<EdgeId, Secret?>? dispatchKeys = null)
    {
        _plan = plan;
        _stage = plan.Stages[stage.Value];
        Producer = new Producer(stage, partition);
        StepBuilder builder = new(plan, _stage, partition, frames, services, dispatchKeys);
        _operators = builder.Operators;
        _entries = builder.Entries;
        _outputs = builder.Outputs;
        _watermarks = new Watermark[_operators.Length];
        Array.Fill(_watermarks, Watermark.None);
        Channel[] channels = [.. builder.Channels.Order()];
        _vector = new TimestampVector(channels);
        bool[] ordered = [.. channels.Select(c => plan.Edges[c.Edge.Value].Ordered)];
        bool[] ended = new bool[channels.Length];
        if (state is not null)
        {
            StepState.Restore(state, _vector, _operators, _outputs, _watermarks);
            for (int i = 0; i < ended.Length; i++)
            {
                ended[i] = _vector[i].Ended;
            }

            CompletedRound = state.Completed;
            IsFinished = state.Finished;
        }
        else
        {
            foreach (SinkOperator sink in _operators.OfType<SinkOperator>())
            {
                sink.Open();
            }
        }

        _merge = new RoundMerge<Frame>(ordered, CompletedRound, ended);
        if (state is not null)
        {
            _merge.Restore(state.Watermark, state.ChannelWatermarks.AsSpan());
        }

        if (IsFinished)
        {
            foreach (SinkOperator sink in _operators.OfType<SinkOperator>())
            {
                sink.CompleteAgain();
            }
        }
    }

    /// <summary>Who this is.</summary>
    public Producer Producer { get; }

    /// <summary>The last round that is complete.</summary>
    public Round CompletedRound { get; private set; } = Round.None;

    /// <summary>The round that is being worked on.</summary>
    public Round CurrentRound => CompletedRound.Next;

    /// <summary>True when all input has been worked off and the end mark sent.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>The watermark behind the last complete round.</summary>
    public Watermark Watermark { get; private set; } = Watermark.None;

    /// <summary>Rows taken in so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Events dropped because they came too late.</summary>
    public long LateEvents => _operators.Sum(o => o.LateEvents);

    /// <summary>Bytes of keyed state.</summary>
    public long StateBytes => _operators.SelectMany(o => o.Tables).Sum(t => t.Table.SizeBytes);

    /// <summary>
    /// Takes a frame. One that was taken before is dropped; one that cannot be is an integrity failure, after which the
    /// partition takes nothing more.
    /// </summary>
    public Outcome<bool> Receive(Frame frame)
    {
        if (_failed)
        {
            frame.Batch?.Dispose();
            return new Failure(FailureKind.Integrity, $"{Producer} has stopped after an integrity error");
        }

        Outcome<FrameVerdict> verdict = Misfit(frame) is { } misfit
            ? misfit
            : _vector.Take(frame.Kind, frame.Edge, frame.From, frame.Round, frame.Sequence);
        if (verdict.Failure is { } failure)
        {
            _failed = true;
            frame.Batch?.Dispose();
            return failure;
        }

        if (verdict.Value == FrameVerdict.Duplicate)
        {
            frame.Batch?.Dispose();
            return false;
        }

        int channel = _vector.IndexOf(new Channel(frame.Edge, frame.From));
        _merge.Add(channel, frame.Kind, frame.Round, frame.Watermark, frame);
        return true;
    }

    /// <summary>Does the next piece of work that the frames taken so far allow, and tells what it was.</summary>
    public MergeStep Advance()
    {
        MergeStep step = _merge.Next(out Frame? frame);
        switch (step)
        {
            case MergeStep.Process:
                Rows += frame!.Batch!.Count;
                (Operator op, int input) = _entries[frame.Edge.Value];
                op.Process(input, frame.Batch);
                break;
            case MergeStep.CompleteRound:
                CompleteRound(_merge.Watermark);
                break;
            case MergeStep.Finish:
                FinishAll();
                break;
            default:
                break;
        }

        return step;
    }

    /// <summary>For a source's partition: takes rows of the current round.</summary>
    public void Push(Batch batch)
    {
        Rows += batch.Count;
        _operators[0].Process(0, batch);
    }

    /// <summary>For a source's partition: closes the current round.</summary>
    public void CloseRound() => CompleteRound(Watermark.Idle);

    /// <summary>For a source's partition: there is no more input.</summary>
    public void End() => FinishAll();

    /// <summary>
    /// The partition's state behind the last complete round, to be written by another thread while this one goes on.
    /// Only between rounds.
    /// </summary>
    public FrozenPartition Freeze() => StepState.Freeze(this, _vector, _merge, _operators, _outputs, _watermarks);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Operator op in _operators)
        {
            op.Dispose();
        }
    }

    /// <summary>What of a frame cannot be, whatever its place: it was brought to the wrong partition, or does not carry what its header says.</summary>
    private Failure? Misfit(Frame frame)
    {
        if (frame.To != Producer.Partition)
        {
            return new Failure(FailureKind.Integrity, $"{frame} was brought to {Producer}");
        }

        if ((frame.Kind == FrameKind.Data) != (frame.Batch is not null))
        {
            return new Failure(FailureKind.Integrity, $"{frame} {(frame.Batch is null ? "has no rows" : "has rows")}, which a frame of its kind cannot be");
        }

        return frame.Batch is { } batch && !Fits(batch, frame.Edge)
            ? new Failure(FailureKind.Integrity, $"{frame} has other columns than the edge {frame.Edge}")
            : null;
    }

    private bool Fits(Batch batch, EdgeId edge)
    {
        if ((uint)edge.Value >= (uint)_plan.Edges.Length)
        {
            return true; // the vector has better words for an edge that the plan does not have
        }

        Schema schema = _plan.Edges[edge.Value].Schema;
        bool fits = batch.Columns.Length == schema.Count;
        for (int i = 0; i < schema.Count && fits; i++)
        {
            fits = batch[i].Type.Kind == schema[i].Type.Kind;
        }

        return fits;
    }

    private void CompleteRound(Watermark input)
    {
        Round round = CurrentRound;
        for (int i = 0; i < _operators.Length; i++)
        {
            Watermark before = InputWatermark(i, input);
            _operators[i].CloseRound(round, before);
            Watermark after = _operators[i].Advance(before);
            _watermarks[i] = after;
        }

        foreach (EdgeOutput output in _outputs)
        {
            output.CloseRound(round, _watermarks[output.Operator]);
        }

        Watermark = input == Watermark.Idle ? _watermarks[^1] : input;
        CompletedRound = round;
    }

    private void FinishAll()
    {
        Round round = CurrentRound;
        foreach (Operator op in _operators)
        {
            op.Finish(round);
        }

        foreach (EdgeOutput output in _outputs)
        {
            output.End(round);
        }

        Watermark = Watermark.End;
        IsFinished = true;
    }

    /// <summary>The least watermark before an operator: of the stage's edges, or of the operators that it reads from.</summary>
    private Watermark InputWatermark(int index, Watermark edges)
    {
        Watermark least = Watermark.Idle;
        foreach (PlanInput input in _stage.Operators[index].Inputs)
        {
            least = Watermark.Min(least, input.Operator >= 0 ? _watermarks[input.Operator] : edges);
        }

        return least;
    }
}
