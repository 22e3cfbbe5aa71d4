using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Attestation.Tests.Forge;

/// <summary>Writes the log that firmware would of events, for the SHA-256 bank; each event is measured by its text.</summary>
internal static class EventLogForge
{
    internal static byte[] Digest(string what) => SHA256.HashData(Encoding.ASCII.GetBytes(what));

    internal static byte[] Write(IEnumerable<(int Register, string Event)> events, byte startupLocality = 0)
    {
        byte[] specification = [.. "Spec ID Event03\0"u8, 0, 0, 0, 0, 0, 2, 0, 2, .. U32(1), 0x0B, 0, 32, 0, 0];
        List<byte> log = [.. U32(0), .. U32(3), .. new byte[20], .. U32(specification.Length), .. specification];
        if (startupLocality != 0)
        {
            byte[] locality = [.. "StartupLocality\0"u8, startupLocality];
            log.AddRange([.. U32(0), .. U32(3), .. U32(1), 0x0B, 0, .. new byte[32], .. U32(locality.Length), .. locality]);
        }

        foreach ((int register, string what) in events)
        {
            byte[] content = Encoding.ASCII.GetBytes(what);
            log.AddRange([.. U32(register), .. U32(13), .. U32(1), 0x0B, 0, .. Digest(what), .. U32(content.Length), .. content]);
        }

        return [.. log];
    }

    private static byte[] U32(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
