using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Culvert.Sealing;

/// <summary>
/// SipHash-2-4 (Aumasson and Bernstein, 2012): 64 bits of a short message under a key, which nobody without the key can
/// tell from random ones. Chooses partitions on sealed edges. Not an authentication tag for long-lived data. Thread safe.
/// </summary>
public static class KeyedHash
{
    /// <summary>Length of the key in bytes.</summary>
    public const int KeyBytes = 16;

    /// <summary>The hash of a message under the first 16 bytes of a key.</summary>
    public static ulong Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message)
    {
        ulong k0 = BinaryPrimitives.ReadUInt64LittleEndian(key);
        ulong k1 = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]);
        State state = new()
        {
            A = k0 ^ 0x736f6d6570736575, // "somepseudorandomlygeneratedbytes", as the paper has it
            B = k1 ^ 0x646f72616e646f6d,
            C = k0 ^ 0x6c7967656e657261,
            D = k1 ^ 0x7465646279746573,
        };
        ulong last = (ulong)message.Length << 56;
        while (message.Length >= sizeof(ulong))
        {
            state.Take(BinaryPrimitives.ReadUInt64LittleEndian(message));
            message = message[sizeof(ulong)..];
        }

        for (int i = 0; i < message.Length; i++)
        {
            last |= (ulong)message[i] << (8 * i);
        }

        state.Take(last);
        return state.Finish();
    }

    private ref struct State
    {
        internal ulong A;
        internal ulong B;
        internal ulong C;
        internal ulong D;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal void Take(ulong word)
        {
            D ^= word;
            Round();
            Round();
            A ^= word;
        }

        internal ulong Finish()
        {
            C ^= 0xff;
            Round();
            Round();
            Round();
            Round();
            return A ^ B ^ C ^ D;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Round()
        {
            A += B;
            C += D;
            B = BitOperations.RotateLeft(B, 13) ^ A;
            D = BitOperations.RotateLeft(D, 16) ^ C;
            A = BitOperations.RotateLeft(A, 32);
            C += B;
            A += D;
            B = BitOperations.RotateLeft(B, 17) ^ C;
            D = BitOperations.RotateLeft(D, 21) ^ A;
            C = BitOperations.RotateLeft(C, 32);
        }
    }
}
