using System.Buffers;

namespace Culvert.Streams;

/// <summary>
/// Where columns rent their arrays. One pool serves a process; a test puts in one that counts what is out.
/// Thread safe.
/// </summary>
public class ColumnPool
{
    /// <summary>The pool that is used when none is named.</summary>
    public static ColumnPool Shared { get; } = new();

    /// <summary>An array of at least <paramref name="length"/> values, whose contents are left over from earlier use.</summary>
    public virtual T[] Rent<T>(int length) => length == 0 ? [] : Pool<T>.Arrays.Rent(length);

    /// <summary>Gives an array back; the caller does not touch it afterwards.</summary>
    public virtual void Return<T>(T[] array)
    {
        if (array.Length > 0)
        {
            Pool<T>.Arrays.Return(array);
        }
    }

    private static class Pool<T>
    {
        /// <summary>64 Mi values: larger arrays are rare, and are left to the garbage collector.</summary>
        private const int ArrayLengthMax = 64 << 20;

        /// <summary>Arrays kept of each size: enough for the batches in flight on a machine of many cores.</summary>
        private const int ArraysPerSizeMax = 256;

        internal static readonly ArrayPool<T> Arrays = ArrayPool<T>.Create(ArrayLengthMax, ArraysPerSizeMax);
    }
}
