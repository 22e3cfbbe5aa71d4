using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Streams.Tests.Kernels;

/// <summary>A pool whose arrays hold garbage when rented and when given back, and that knows what is out.</summary>
public sealed class TrackingPool : ColumnPool
{
    private readonly HashSet<object> _out = new(ReferenceEqualityComparer.Instance);

    /// <summary>Arrays that were rented and not given back.</summary>
    public int Out => _out.Count;

    public override T[] Rent<T>(int length)
    {
        T[] array = new T[length + 3];
        Spoil(array);
        _out.Add(array);
        return array;
    }

    public override void Return<T>(T[] array)
    {
        // Arrays that a test made itself were never rented.
        if (_out.Remove(array))
        {
            Spoil(array);
        }
    }

    private static void Spoil<T>(T[] array) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length * Unsafe.SizeOf<T>()).Fill(0xAB);
}
