using System.Buffers;
using System.Numerics;

namespace Culvert.Streams;

/// <summary>
/// Where columns rent their arrays. One pool serves a process; a test puts in one that counts what is out.
/// Thread safe.
/// </summary>
public class ColumnPool
{
    /// <summary>The pool that is used when none is named.</summary>
    public static ColumnPool Shared { get; } = new();

    /// <summary>A pool that keeps nothing: for columns over arrays that came from elsewhere and may be used elsewhere.</summary>
    public static ColumnPool None { get; } = new NoPool();

    /// <summary>An array of at least <paramref name="length"/> values, whose contents are left over from earlier use.</summary>
    public virtual T[] Rent<T>(int length) => length == 0 ? [] : Pool<T>.Arrays.Rent(length);

    /// <summary>Gives an array back; the caller does not touch it afterwards. One that no pool can have made is left to the garbage collector.</summary>
    public virtual void Return<T>(T[] array)
    {
        if (array.Length is >= ArrayLengthMin and <= ArrayLengthMax && BitOperations.IsPow2(array.Length))
        {
            Pool<T>.Arrays.Return(array);
        }
    }

    /// <summary>The smallest array that the runtime's pools make; all are powers of two.</summary>
    private const int ArrayLengthMin = 16;

    /// <summary>64 Mi values: larger arrays are rare, and are left to the garbage collector.</summary>
    private const int ArrayLengthMax = 64 << 20;

    private sealed class NoPool : ColumnPool
    {
        public override T[] Rent<T>(int length) => length == 0 ? [] : new T[length];

        public override void Return<T>(T[] array)
        {
        }
    }

    private static class Pool<T>
    {
        /// <summary>Arrays kept of each size: enough for the batches in flight on a machine of many cores.</summary>
        private const int ArraysPerSizeMax = 256;

        internal static readonly ArrayPool<T> Arrays = ArrayPool<T>.Create(ArrayLengthMax, ArraysPerSizeMax);
    }
}
