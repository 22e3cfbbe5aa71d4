using System.Buffers.Binary;

namespace Culvert.Kits;

/// <summary>Canonical plans with one to four changes that a seed decides: bits, numbers, pieces cut out, repeated or moved.</summary>
internal static class PlanMutations
{
    private static readonly int[] Numbers = [-1, 0, 1, 2, 3, 7, 8, 255, 1024, 65_535, int.MaxValue, int.MinValue];

    internal static byte[] Of(byte[] original, int seed)
    {
        Random random = new(seed);
        byte[] bytes = [.. original];
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            bytes = Change(bytes, random);
        }

        return bytes;
    }

    private static byte[] Change(byte[] bytes, Random random)
    {
        int at = random.Next(bytes.Length);
        int length = Math.Min(random.Next(1, 65), bytes.Length - at);
        switch (random.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2 when bytes.Length >= sizeof(int):
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(Math.Min(at, bytes.Length - sizeof(int))), Numbers[random.Next(Numbers.Length)]);
                return bytes;
            case 3:
                return bytes.Length == length ? bytes : [.. bytes[..at], .. bytes[(at + length)..]];
            case 4:
                return [.. bytes[..at], .. bytes[at..(at + length)], .. bytes[at..]];
            default:
                int from = random.Next(bytes.Length - length + 1);
                Array.Copy((byte[])[.. bytes], from, bytes, at, length);
                return bytes;
        }
    }
}
