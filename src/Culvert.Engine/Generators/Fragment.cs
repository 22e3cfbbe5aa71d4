using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Culvert.Engine;

/// <summary>
/// Up to 15 bytes of a row, rendered once and then copied with one 16-byte store: writing is most of what the generator does.
/// The last byte holds the length.
/// </summary>
internal readonly struct Fragment
{
    private const int BytesMax = 15;
    private readonly Vector128<byte> _bytes;

    public Fragment(string text)
    {
        Span<byte> bytes = stackalloc byte[BytesMax + 1];
        Invariant.Holds(text.Length <= BytesMax);
        bytes[BytesMax] = (byte)Encoding.ASCII.GetBytes(text, bytes);
        _bytes = MemoryMarshal.Read<Vector128<byte>>(bytes);
    }

    /// <summary>Writes the bytes (and rubbish up to 16) and tells where the next ones go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref byte WriteTo(ref byte destination)
    {
        _bytes.StoreUnsafe(ref destination);
        return ref Unsafe.Add(ref destination, (nint)_bytes.GetElement(BytesMax));
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[BytesMax + 1];
        MemoryMarshal.Write(bytes, _bytes);
        return Encoding.ASCII.GetString(bytes[..bytes[BytesMax]]);
    }
}
