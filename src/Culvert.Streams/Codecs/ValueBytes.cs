using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>Which bytes can be values: some types have bit patterns that .NET never makes, and that its arithmetic relies on not to meet. Thread safe.</summary>
public static class ValueBytes
{
    /// <summary>Whether bytes are values of <typeparamref name="T"/>, as .NET lays them out: bool, decimal and moments have patterns that cannot be.</summary>
    public static bool CanBe<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged
    {
        if (typeof(T) == typeof(bool))
        {
            return !bytes.ContainsAnyExceptInRange((byte)0, (byte)1);
        }

        if (typeof(T) == typeof(decimal) || typeof(T) == typeof(DateTime) || typeof(T) == typeof(DateTimeOffset))
        {
            for (; bytes.Length > 0; bytes = bytes[Unsafe.SizeOf<T>()..])
            {
                if (!CanBeOne<T>(bytes[..Unsafe.SizeOf<T>()]))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Whether no two entries are the same bytes.</summary>
    internal static bool AreDistinct(TextColumn entries)
    {
        HashSet<int> seen = new(entries.Count, new EntryComparer(entries));
        for (int i = 0; i < entries.Count; i++)
        {
            if (!seen.Add(i))
            {
                return false;
            }
        }

        return true;
    }

    private static bool CanBeOne<T>(ReadOnlySpan<byte> bytes)
    {
        const ulong TicksMask = (1UL << 62) - 1;
        ulong first = MemoryMarshal.Read<ulong>(bytes);
        if (typeof(T) == typeof(DateTime))
        {
            return (first & TicksMask) <= (ulong)DateTime.MaxValue.Ticks; // the two bits above are the kind
        }

        if (typeof(T) == typeof(DateTimeOffset))
        {
            // The offset in minutes, four bytes of padding, the instant's ticks.
            long minutes = (int)first;
            ulong instant = MemoryMarshal.Read<ulong>(bytes[sizeof(long)..]);
            ulong clock = unchecked(instant + (ulong)(minutes * TimeSpan.TicksPerMinute));
            return instant <= (ulong)DateTime.MaxValue.Ticks && clock <= (ulong)DateTime.MaxValue.Ticks && minutes is >= -14 * 60 and <= 14 * 60;
        }

        // A decimal's first word: scale in bits 16 to 23, sign in bit 31, all others 0.
        uint flags = (uint)first;
        return (flags & 0x7f00ffff) == 0 && flags >> 16 is var scale && (scale & 0xff) <= 28;
    }

    private sealed class EntryComparer(TextColumn entries) : IEqualityComparer<int>
    {
        public bool Equals(int x, int y) => entries.GetBytes(x).SequenceEqual(entries.GetBytes(y));

        public int GetHashCode(int entry)
        {
            HashCode hash = default;
            hash.AddBytes(entries.GetBytes(entry));
            return hash.ToHashCode();
        }
    }
}
