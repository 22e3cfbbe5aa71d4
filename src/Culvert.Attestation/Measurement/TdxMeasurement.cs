using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Attestation;

/// <summary>In which order pages are added and measured before a trust domain runs; MRTD depends on it.</summary>
public enum TdxPageOrder
{
    /// <summary>Each page is added and measured, then the next one: KVM as it is in Linux (since 6.16).</summary>
    PageByPage,

    /// <summary>All pages of a section are added, then all are measured: Intel's kernels before that.</summary>
    SectionBySection,
}

/// <summary>
/// The measurements of a trust domain that can be computed ahead: MRTD from the firmware (Intel TDX Module Base Architecture
/// Specification 348549, 12.2: SHA-384 over what TDH.MEM.PAGE.ADD and TDH.MR.EXTEND put into it), RTMR2 from what is booted.
/// </summary>
public static class TdxMeasurement
{
    /// <summary>Bytes of each register.</summary>
    public const int Bytes = SHA384.HashSizeInBytes;

    private const int PageBytes = 4096;
    private const int ChunkBytes = 256;
    private const int RecordBytes = 128;

    /// <summary>MRTD of a domain with this firmware.</summary>
    public static byte[] Mrtd(TdxFirmware firmware, TdxPageOrder order)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);
        foreach (TdxSection section in firmware.Sections)
        {
            // A section's contents, with zeros behind them up to its whole length.
            byte[] contents = section.IsMeasured ? new byte[section.MemoryBytes] : [];
            firmware.Image.Span.Slice((int)section.DataOffset, section.IsMeasured ? (int)section.DataBytes : 0).CopyTo(contents);
            for (ulong at = 0; at < section.MemoryBytes; at += PageBytes)
            {
                AddPage(hash, section, at);
                if (order == TdxPageOrder.PageByPage)
                {
                    Extend(hash, section, at, contents);
                }
            }

            for (ulong at = 0; order == TdxPageOrder.SectionBySection && at < section.MemoryBytes; at += PageBytes)
            {
                Extend(hash, section, at, contents);
            }
        }

        return hash.GetHashAndReset();
    }

    /// <summary>
    /// RTMR2 when the host gives kernel, initial ramdisk and command line to OVMF, and the kernel's EFI stub (Linux 6.3 and
    /// newer) measures the command line, to which OVMF adds <c> initrd=initrd</c>, as UTF-16 with a zero behind it, and then the
    /// ramdisk. Nothing else may be loaded that measures into it.
    /// </summary>
    public static byte[] Rtmr2(string commandLine, ReadOnlySpan<byte> initialRamdisk) => Register(
        SHA384.HashData(Encoding.Unicode.GetBytes(commandLine + " initrd=initrd\0")),
        SHA384.HashData(initialRamdisk));

    /// <summary>A register that begins with zeros and is extended by digests of 48 bytes, in order.</summary>
    public static byte[] Register(params ReadOnlySpan<byte[]> digests)
    {
        byte[] register = new byte[Bytes];
        foreach (byte[] digest in digests)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(digest.Length, Bytes);
            register = SHA384.HashData([.. register, .. digest]);
        }

        return register;
    }

    private static void AddPage(IncrementalHash hash, TdxSection section, ulong at)
    {
        if (!section.IsAddedLater)
        {
            Append(hash, "MEM.PAGE.ADD"u8, section.Address + at);
        }
    }

    private static void Extend(IncrementalHash hash, TdxSection section, ulong at, ReadOnlySpan<byte> contents)
    {
        for (int chunk = 0; section.IsMeasured && chunk < PageBytes; chunk += ChunkBytes)
        {
            Append(hash, "MR.EXTEND"u8, section.Address + at + (ulong)chunk);
            hash.AppendData(contents.Slice((int)at + chunk, ChunkBytes));
        }
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> what, ulong address)
    {
        Span<byte> record = stackalloc byte[RecordBytes];
        record.Clear();
        what.CopyTo(record);
        BinaryPrimitives.WriteUInt64LittleEndian(record[16..], address);
        hash.AppendData(record);
    }
}
