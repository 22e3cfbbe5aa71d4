using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Attestation;

/// <summary>
/// SHA-256 of what is booted, which firmware of an SEV guest compares with what its host gave it. All three are always
/// present; a command line is hashed with the zero byte behind it (QEMU, <c>target/i386/sev.c</c>).
/// </summary>
/// <param name="Kernel">Of the kernel's file, 32 bytes.</param>
/// <param name="InitialRamdisk">Of the initial ramdisk, 32 bytes.</param>
/// <param name="CommandLine">Of the command line and a zero byte, 32 bytes.</param>
public sealed record KernelHashes(ReadOnlyMemory<byte> Kernel, ReadOnlyMemory<byte> InitialRamdisk, ReadOnlyMemory<byte> CommandLine)
{
    /// <summary>Bytes of the table, filled up to 16.</summary>
    internal const int TableBytes = 176;

    private const int EntryBytes = 16 + sizeof(ushort) + SHA256.HashSizeInBytes;
    private const int HeaderBytes = 16 + sizeof(ushort);

    private static readonly Guid s_header = new("9438d606-4f22-4cc9-b479-a793d411fd21");
    private static readonly Guid s_commandLine = new("97d02dd8-bd20-4c94-aa78-e7714d36ab2a");
    private static readonly Guid s_initialRamdisk = new("44baf731-3a2f-4bd7-9af1-41e29169781d");
    private static readonly Guid s_kernel = new("4de79437-abd2-427f-b835-d5b172d2045b");

    /// <summary>Hashes what is booted.</summary>
    public static KernelHashes Of(ReadOnlySpan<byte> kernel, ReadOnlySpan<byte> initialRamdisk, string commandLine) =>
        new(SHA256.HashData(kernel), SHA256.HashData(initialRamdisk), SHA256.HashData(Encoding.UTF8.GetBytes(commandLine + '\0')));

    /// <summary>The page that holds the table at an offset; null when it does not fit.</summary>
    internal byte[]? ToPage(int offset)
    {
        if (offset > SnpLaunchDigest.PageBytes - TableBytes)
        {
            return null;
        }

        byte[] page = new byte[SnpLaunchDigest.PageBytes];
        Span<byte> table = page.AsSpan(offset, HeaderBytes + (3 * EntryBytes));
        s_header.TryWriteBytes(table);
        BinaryPrimitives.WriteUInt16LittleEndian(table[16..], (ushort)table.Length);
        Write(table[HeaderBytes..], s_commandLine, CommandLine);
        Write(table[(HeaderBytes + EntryBytes)..], s_initialRamdisk, InitialRamdisk);
        Write(table[(HeaderBytes + (2 * EntryBytes))..], s_kernel, Kernel);
        return page;
    }

    private static void Write(Span<byte> entry, Guid id, ReadOnlyMemory<byte> hash)
    {
        id.TryWriteBytes(entry);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[16..], EntryBytes);
        hash.Span.CopyTo(entry[18..]);
    }
}
