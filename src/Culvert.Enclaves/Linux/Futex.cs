namespace Culvert.Enclaves.Linux;

/// <summary>Sleeping on a word of memory that two processes share, and waking who sleeps there.</summary>
internal static unsafe class Futex
{
    private const int Wait = 0;
    private const int Wake = 1;

    /// <summary>
    /// Sleeps while the word is <paramref name="expected"/>, at most <paramref name="time"/>; may return sooner for no
    /// reason, and the other process may never wake anybody, so callers look again and again.
    /// </summary>
    internal static void Sleep(uint* word, uint expected, TimeSpan time)
    {
        long* seconds = stackalloc long[2];
        seconds[0] = time.Ticks / TimeSpan.TicksPerSecond;
        seconds[1] = time.Ticks % TimeSpan.TicksPerSecond * 100;
        LinuxCalls.SystemCall(SystemCallNumbers.Futex, (nint)word, Wait, (nint)expected, (nint)seconds, 0, 0);
    }

    /// <summary>Wakes all who sleep on the word.</summary>
    internal static void WakeAll(uint* word) => LinuxCalls.SystemCall(SystemCallNumbers.Futex, (nint)word, Wake, int.MaxValue, 0, 0, 0);
}
