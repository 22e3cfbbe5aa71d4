using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Culvert.Storage;

/// <summary>
/// Room for objects that are read. Long ones may be given back by whoever has them alone, and are used again; what is not given
/// back is the collector's. Thread safe.
/// </summary>
internal sealed class BlockBuffers
{
    // Shorter ones are not worth keeping.
    private const int KeptBytesMin = 64 << 10;

    // Those of two chunks at four clouds: more are not under way at once.
    private const int KeptMax = 8;

    private readonly ConcurrentQueue<byte[]> _free = new();

    /// <summary>A buffer of this length exactly; what is in it is anybody's.</summary>
    internal byte[] Rent(int bytes)
    {
        // Those of other lengths are of another value, or of its last chunk.
        while (bytes >= KeptBytesMin && _free.TryDequeue(out byte[]? kept))
        {
            if (kept.Length == bytes)
            {
                return kept;
            }
        }

        return GC.AllocateUninitializedArray<byte>(bytes);
    }

    /// <summary>Gives back what was rented, whole; anything else is left alone.</summary>
    internal void Return(ReadOnlyMemory<byte> rented)
    {
        if (rented.Length >= KeptBytesMin && _free.Count < KeptMax
            && MemoryMarshal.TryGetArray(rented, out ArraySegment<byte> segment) && segment.Count == segment.Array!.Length)
        {
            _free.Enqueue(segment.Array);
        }
    }
}
