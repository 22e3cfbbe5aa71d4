using System.Runtime.InteropServices;

namespace Culvert.Benchmarks;

/// <summary>
/// Processor time that this process and the children it has waited for have spent. It tells contenders apart even where the
/// machine is busy with something else.
/// </summary>
internal static partial class ProcessorTime
{
    private const int OfChildren = -1;

    // struct rusage of 64-bit Linux: two pairs of seconds and microseconds, then 14 counters.
    private const int UsageLongs = 18;

    /// <summary>Spent so far.</summary>
    public static TimeSpan Spent()
    {
        Span<long> usage = stackalloc long[UsageLongs];
        TimeSpan children = GetUsage(OfChildren, ref MemoryMarshal.GetReference(usage)) == 0
            ? TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3])
            : TimeSpan.Zero;
        return Environment.CpuUsage.TotalTime + children;
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, ref long usage);
}
