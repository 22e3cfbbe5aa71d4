using System.Runtime.Intrinsics.X86;
using Culvert.Enclaves.Linux;

namespace Culvert.Enclaves.Rings;

/// <summary>
/// One end of a ring. Everything in shared memory is read once into private memory and checked there, since the other side
/// may change it at any time; this end's own position is published and never read back.
/// </summary>
internal abstract unsafe class RingEnd
{
    /// <summary>
    /// A waiting end first looks on for a while: waking a sleeper takes 5 µs of the waker's time, and 50 µs pass. But it
    /// must leave its processor soon where there are few.
    /// </summary>
    private static readonly TimeSpan s_spinMax = TimeSpan.FromMicroseconds(Environment.ProcessorCount > 1 ? 40 : 0);

    private static readonly TimeSpan s_spinMin = TimeSpan.FromMicroseconds(Environment.ProcessorCount > 1 ? 4 : 0);

    /// <summary>A sleeper looks up so often: whoever should wake it may be dead, or may not want to.</summary>
    private static readonly TimeSpan s_sleepMax = TimeSpan.FromMilliseconds(200);

    private const int YieldsBeforeSleep = 2;
    private const int LooksPerClockRead = 8;

    private readonly uint* _sleeps;
    private readonly uint* _peerSleeps;
    private readonly Func<Failure?>? _checkPeer;
    private TimeSpan _spin = s_spinMax;

    protected RingEnd(RingCondition condition, uint* sleeps, uint* peerSleeps, Func<Failure?>? checkPeer)
    {
        Condition = condition;
        _sleeps = sleeps;
        _peerSleeps = peerSleeps;
        _checkPeer = checkPeer;
    }

    protected RingCondition Condition { get; }

    /// <summary>Wakes whoever waits at this end, to look at the condition again.</summary>
    internal void WakeOwn()
    {
        Volatile.Write(ref *_sleeps, 0);
        Futex.WakeAll(_sleeps);
    }

    /// <summary>Whether there is what this end waits for, or a reason to wait no more.</summary>
    protected abstract bool NeedNotWait();

    /// <summary>After something was published: a system call only if the other side sleeps.</summary>
    protected void WakePeer()
    {
        // The publication must be seen before the flag is looked at, as the sleeper raises the flag before it looks again.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref *_peerSleeps) != 0)
        {
            WakePeerAlways();
        }
    }

    protected void WakePeerAlways()
    {
        Volatile.Write(ref *_peerSleeps, 0);
        Futex.WakeAll(_peerSleeps);
    }

    /// <summary>False when time was up first.</summary>
    protected bool Wait(Deadline deadline, CancellationToken cancellationToken)
    {
        if (NeedNotWait())
        {
            return true;
        }

        if (deadline.HasPassed)
        {
            return false;
        }

        if (Spin(deadline))
        {
            _spin = _spin + _spin < s_spinMax ? _spin + _spin : s_spinMax;
            return true;
        }

        _spin = _spin / 2 > s_spinMin ? _spin / 2 : s_spinMin;
        using CancellationTokenRegistration wake = cancellationToken.UnsafeRegister(static end => ((RingEnd)end!).WakeOwn(), this);
        return SleepUntil(deadline, cancellationToken);
    }

    private bool Spin(Deadline deadline)
    {
        Deadline end = Deadline.Earlier(deadline, Deadline.After(_spin));
        while (!end.HasPassed)
        {
            for (int i = 0; i < LooksPerClockRead; i++)
            {
                if (NeedNotWait())
                {
                    return true;
                }

                Pause();
            }
        }

        for (int i = 0; i < YieldsBeforeSleep; i++)
        {
            _ = LinuxCalls.YieldProcessor();
            if (NeedNotWait())
            {
                return true;
            }
        }

        return false;
    }

    private bool SleepUntil(Deadline deadline, CancellationToken cancellationToken)
    {
        while (true)
        {
            Volatile.Write(ref *_sleeps, 1);
            Interlocked.MemoryBarrier();
            if (NeedNotWait())
            {
                break;
            }

            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan left = deadline.Left;
            if (left == TimeSpan.Zero)
            {
                Volatile.Write(ref *_sleeps, 0);
                return false;
            }

            Futex.Sleep(_sleeps, 1, left == Timeout.InfiniteTimeSpan || left > s_sleepMax ? s_sleepMax : left);
            if (!NeedNotWait() && _checkPeer?.Invoke() is Failure failure)
            {
                Condition.SetPeerIsGone(failure);
            }
        }

        Volatile.Write(ref *_sleeps, 0);
        return true;
    }

    private static void Pause()
    {
        if (X86Base.IsSupported)
        {
            X86Base.Pause();
        }
        else
        {
            Thread.SpinWait(1);
        }
    }
}
