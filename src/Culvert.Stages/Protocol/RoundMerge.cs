using Culvert.Sealing;

namespace Culvert.Stages;

/// <summary>What a partition does next.</summary>
public enum MergeStep : byte
{
    /// <summary>Nothing: more frames have to come.</summary>
    Wait = 0,

    /// <summary>Process a frame.</summary>
    Process = 1,

    /// <summary>Every channel has closed the round: advance the watermark, emit, and go on to the next.</summary>
    CompleteRound = 2,

    /// <summary>Every channel has ended: emit what is left, and end.</summary>
    Finish = 3,
}

/// <summary>
/// The deterministic merge of a partition's inputs, as a pure core. Frames are taken round by round; a frame of a later
/// round waits. On ordered edges frames are processed in the order (round, edge, producer, sequence), so that what comes
/// of them does not depend on arrival; a producer's frames pass as soon as all before it have closed the round. On
/// unordered edges, whose receiver folds in any order to the same state, they pass at once.
/// </summary>
/// <remarks>Hidden cost: it holds what cannot be processed yet; the engine bounds that by the rounds a producer may be ahead.</remarks>
public sealed class RoundMerge<TFrame>
{
    private readonly Lane[] _lanes;

    /// <summary>A merge that starts behind <paramref name="completed"/>, over channels in their order.</summary>
    /// <param name="ordered">For each channel whether its edge is ordered.</param>
    /// <param name="completed">The last round that is complete.</param>
    /// <param name="ended">For each channel whether it had ended by then.</param>
    public RoundMerge(ReadOnlySpan<bool> ordered, Round completed, ReadOnlySpan<bool> ended)
    {
        Invariant.Holds(ordered.Length == ended.Length);
        _lanes = new Lane[ordered.Length];
        for (int i = 0; i < _lanes.Length; i++)
        {
            _lanes[i] = new Lane(ordered[i]) { Ended = ended[i] };
        }

        Current = completed.Next;
    }

    /// <summary>The round that is being gathered.</summary>
    public Round Current { get; private set; }

    /// <summary>The least watermark of the channels that have one, behind the last complete round.</summary>
    public Watermark Watermark { get; private set; } = Watermark.None;

    /// <summary>True once <see cref="MergeStep.Finish"/> was returned.</summary>
    public bool Finished { get; private set; }

    /// <summary>How many frames wait.</summary>
    public int Held { get; private set; }

    /// <summary>Restores the watermark and what each channel last said of its own.</summary>
    public void Restore(Watermark watermark, ReadOnlySpan<Watermark> channels)
    {
        Watermark = watermark;
        for (int i = 0; i < _lanes.Length; i++)
        {
            _lanes[i].Watermark = channels[i];
        }
    }

    /// <summary>What a channel last said of its watermark.</summary>
    public Watermark ChannelWatermark(int channel) => _lanes[channel].Watermark;

    /// <summary>How many frames of a channel wait.</summary>
    public int HeldOf(int channel) => _lanes[channel].Waiting.Count;

    /// <summary>Whether a channel's end mark has been merged.</summary>
    public bool HasEnded(int channel) => _lanes[channel].Ended;

    /// <summary>Adds the next frame of a channel.</summary>
    public void Add(int channel, FrameKind kind, Round round, Watermark watermark, TFrame frame)
    {
        _lanes[channel].Waiting.Enqueue(new Waiting(kind, round, watermark, frame));
        Held++;
    }

    /// <summary>Decides the next step; for <see cref="MergeStep.Process"/> gives the frame.</summary>
    public MergeStep Next(out TFrame? frame)
    {
        frame = default;
        if (Finished)
        {
            return MergeStep.Wait;
        }

        bool earlierClosed = true;
        bool allEnded = true;
        bool allClosed = true;
        foreach (Lane lane in _lanes)
        {
            while (!lane.IsClosed(Current) && lane.Waiting.TryPeek(out Waiting head))
            {
                Invariant.Holds(head.Round == Current);
                if (head.Kind == FrameKind.Data)
                {
                    if (lane.Ordered && !earlierClosed)
                    {
                        break;
                    }

                    lane.Waiting.Dequeue();
                    Held--;
                    frame = head.Frame;
                    return MergeStep.Process;
                }

                lane.Waiting.Dequeue();
                Held--;
                lane.Closed = head.Round;
                lane.Watermark = head.Kind == FrameKind.End ? Watermark.End : head.Watermark;
                lane.Ended = head.Kind == FrameKind.End;
            }

            bool closed = lane.IsClosed(Current);
            allClosed &= closed;
            allEnded &= lane.Ended;
            earlierClosed &= closed || !lane.Ordered;
        }

        if (!allClosed)
        {
            return MergeStep.Wait;
        }

        if (allEnded)
        {
            Finished = true;
            Watermark = Watermark.End;
            return MergeStep.Finish;
        }

        AdvanceWatermark();
        Current = Current.Next;
        return MergeStep.CompleteRound;
    }

    private void AdvanceWatermark()
    {
        Watermark least = Watermark.Idle;
        foreach (Lane lane in _lanes)
        {
            least = Watermark.Min(least, lane.Watermark == Watermark.End ? Watermark.Idle : lane.Watermark);
        }

        if (least != Watermark.Idle && least > Watermark)
        {
            Watermark = least;
        }
    }

    private readonly record struct Waiting(FrameKind Kind, Round Round, Watermark Watermark, TFrame Frame);

    private sealed class Lane(bool ordered)
    {
        internal bool Ordered { get; } = ordered;

        internal Queue<Waiting> Waiting { get; } = new();

        internal Round Closed { get; set; } = Round.None;

        internal Watermark Watermark { get; set; } = Watermark.None;

        internal bool Ended { get; set; }

        internal bool IsClosed(Round round) => Ended || Closed >= round;
    }
}
