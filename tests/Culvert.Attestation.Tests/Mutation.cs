namespace Culvert.Attestation.Tests;

/// <summary>Mutations that one seed decides: bytes altered, cut, doubled, moved, and lengths that are extreme.</summary>
internal sealed class Mutation(ulong seed)
{
    private static readonly byte[][] s_extremes =
        [[0], [0xFF], [0, 0], [0xFF, 0xFF], [0xFF, 0x7F], [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F], [0x80, 0, 0, 0], [0x9F], [0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF], [0x30, 0x80]];

    private readonly Random _random = new((int)(seed % int.MaxValue));

    internal byte[] Of(byte[] original)
    {
        byte[] bytes = [.. original];
        for (int i = _random.Next(1, 4); i > 0; i--)
        {
            bytes = Once(bytes);
        }

        return bytes;
    }

    /// <summary>A known beginning, then chance.</summary>
    internal byte[] OfNothing()
    {
        byte[] bytes = new byte[_random.Next(0, 2000)];
        _random.NextBytes(bytes);
        byte[][] beginnings = [[3, 0, 2, 0, 0, 0, 0, 0], [4, 0, 2, 0, 0x81, 0, 0, 0], [5, 0, 2, 0, 0x81, 0, 0, 0], [0x84, 0x44, 0xA1, 1, 0x38, 0x22, 0xA0], [0xFF, 0x54, 0x43, 0x47, 0x80, 0x18], .. new[] { "HCLA"u8.ToArray(), "CULVSIMU"u8.ToArray() }, []];
        byte[] beginning = beginnings[_random.Next(beginnings.Length)];
        beginning.AsSpan(0, Math.Min(beginning.Length, bytes.Length)).CopyTo(bytes);
        return bytes;
    }

    private byte[] Once(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return [(byte)_random.Next(256)];
        }

        int at = _random.Next(bytes.Length);
        int length = _random.Next(0, Math.Min(64, bytes.Length - at));
        switch (_random.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)_random.Next(1, 256);
                return bytes;
            case 1:
                return bytes[..at];
            case 2:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 3:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 4:
                byte[] extreme = s_extremes[_random.Next(s_extremes.Length)];
                extreme.AsSpan(0, Math.Min(extreme.Length, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
                return bytes;
            default:
                _random.NextBytes(bytes.AsSpan(at, length));
                return bytes;
        }
    }
}
