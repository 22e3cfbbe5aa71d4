using Culvert.Enclaves;
using Culvert.Streams;

namespace Culvert.Engine;

/// <content>What an owner looks at while a host has its run, and does not believe of its end.</content>
public sealed partial class OwnerRun
{
    /// <summary>How long a run that waits for its host does not look at what became of its keys.</summary>
    private static readonly TimeSpan s_watchStep = TimeSpan.FromSeconds(1);

    /// <summary>How long what a host had sent is read when it takes nothing more.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(5);

    private bool _endsForNextEpoch;
    private long _progress = -1;
    private TimeSpan _progressAt;

    /// <summary>
    /// A host that has ended takes nothing more; why it did, it may have said before: reads what it has sent until then.
    /// </summary>
    private void ReadEnd()
    {
        TimeSpan until = _options.Clock.Elapsed + s_lastWords;
        while (_ended is null && _options.Clock.Elapsed < until
            && _host.Channel.Receive(s_lastWords, out Message? message) == ReceiveStatus.Received)
        {
            using (message)
            {
                if (message!.Length > 0 && message.Bytes[0] == (byte)HostMessageKind.Ended)
                {
                    Handle(HostMessageKind.Ended, message);
                }
            }
        }
    }

    /// <summary>
    /// Throws when keys were taken back, or the host has brought nothing for too long; otherwise gives the time after which to
    /// look again.
    /// </summary>
    private TimeSpan CheckProgress()
    {
        if (_watch is null)
        {
            return CheckStall();
        }

        if (_watch.Ended is { } takenBack)
        {
            throw takenBack;
        }

        if (_watch.IsNewer && _options.Snapshots is not null && _started && !_endsForNextEpoch)
        {
            _endsForNextEpoch = true;
            _host.Channel.Send(ChannelLimits.StallMax, [(byte)HostMessageKind.EndEarly]);
        }

        TimeSpan stall = CheckStall();
        return stall == Timeout.InfiniteTimeSpan || stall > s_watchStep ? s_watchStep : stall;
    }

    private TimeSpan CheckStall()
    {
        if (_options.StallMax == Timeout.InfiniteTimeSpan || !_hasKeys)
        {
            return Timeout.InfiniteTimeSpan;
        }

        // Once the run is to stop, going on is no progress.
        long progress = _stopAsked || _endsForNextEpoch ? long.MaxValue : (_worker?.ProvenProgress ?? 0) + _hostSteps;
        TimeSpan now = _options.Clock.Elapsed;
        if (progress != _progress)
        {
            (_progress, _progressAt) = (progress, now);
        }

        TimeSpan left = _progressAt + _options.StallMax - now;
        return left > TimeSpan.Zero
            ? left
            : throw new JobFailedException($"the host made no progress for {_options.StallMax.TotalSeconds:0.###} s: it keeps something back, or is stuck; nothing wrong was written, and the run has no result");
    }

    /// <summary>What the host says of the end is believed when every partition has proved that it finished.</summary>
    private JobFailedException? CheckEnd(StageWorker worker)
    {
        switch (_ended?.Outcome)
        {
            case null:
                return new JobFailedException("the host is gone");
            case HostOutcome.Failed:
                return null;
            case HostOutcome.Stopped:
                return _stopAsked || _endsForNextEpoch ? null : new JobFailedException("the host stopped the run before its end, and nobody had asked it to");
            case HostOutcome.Finished when !_hasKeys:
                return null; // nothing here could prove otherwise; whoever opens the result sees whether it is whole
            default:
                Producer[] missing = [.. _layout.Partitions.Where(p =>
                    _layout.Stages[p.Stage.Value].Place == StagePlace.Owner ? !worker.HasFinished(p) : !_services.HasFinished(p))];
                return missing.Length == 0
                    ? null
                    : new JobFailedException($"integrity error: the host says that the run has finished, and {missing[0]} ({_layout.Stages[missing[0].Stage.Value].Name}) has not reported its end: something was kept back");
        }
    }
}
