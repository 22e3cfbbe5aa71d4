using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>
/// The MEASUREMENT of an SEV-SNP report, computed ahead: a chain of SHA-384 over every page that is launched, as the security
/// processor does it (AMD, SEV Secure Nested Paging Firmware ABI Specification 56860, 8.17.2, PAGE_INFO).
/// </summary>
public sealed class SnpLaunchDigest
{
    /// <summary>Bytes of the digest.</summary>
    public const int Bytes = SHA384.HashSizeInBytes;

    internal const int PageBytes = 4096;

    private const int PageInfoBytes = 0x70;
    private const long FirmwareEnd = 1L << 32;

    /// <summary>Save areas have no place of their own in the guest: all bits that an address can have, but those in the page.</summary>
    private const ulong SaveAreaAddress = 0xFFFF_FFFF_F000;

    private byte[] _digest;

    private SnpLaunchDigest(ReadOnlySpan<byte> begin) => _digest = begin.ToArray();

    private enum PageType : byte
    {
        Normal = 1,
        SaveArea = 2,
        Zero = 3,
        Secrets = 5,
        ProcessorFeatures = 6,
    }

    /// <summary>
    /// The digest of a launch. Fails when a kernel is given to firmware that would not check it: then the host could boot
    /// another one.
    /// </summary>
    public static Outcome<byte[]> Of(SnpFirmware firmware, SnpLaunch launch) => Of(firmware, FirmwareDigest(firmware.Image.Span), launch);

    /// <summary>The digest when nothing but firmware has been launched.</summary>
    public static byte[] FirmwareDigest(ReadOnlySpan<byte> image)
    {
        SnpLaunchDigest digest = new(new byte[Bytes]);
        digest.AddPages((ulong)(FirmwareEnd - image.Length), image);
        return digest._digest;
    }

    /// <summary>The digest of a launch whose firmware's pages have been added already.</summary>
    internal static Outcome<byte[]> Of(SnpFirmware firmware, ReadOnlySpan<byte> firmwareDigest, SnpLaunch launch)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(firmwareDigest.Length, Bytes);
        if (launch.Processors is < 1 or > SnpLaunch.ProcessorsMax)
        {
            return new Failure(FailureKind.Malformed, $"{launch.Processors} processors; a guest has 1 to {SnpLaunch.ProcessorsMax}");
        }

        if (launch.Kernel is not null && !firmware.ChecksKernel)
        {
            return new Failure(FailureKind.Mismatch, "this firmware does not check a kernel that it is given, so its host could boot another one; use an OVMF built for it (OvmfPkg/AmdSev)");
        }

        SnpLaunchDigest digest = new(firmwareDigest);
        byte[]? kernelPage = launch.Kernel?.ToPage((int)(firmware.HashTableAddress % PageBytes));
        if (launch.Kernel is not null && kernelPage is null)
        {
            return new Failure(FailureKind.Malformed, "firmware: its place for the kernel's hashes is too near to a page's end");
        }

        foreach (SnpSection section in firmware.Sections)
        {
            digest.AddSection(section, kernelPage, launch.Monitor);
        }

        if (launch.Monitor == SnpMonitor.Ec2)
        {
            // EC2 launches the pages of processor features behind all others.
            foreach (SnpSection section in firmware.Sections.Where(section => section.Kind == SnpSectionKind.ProcessorFeatures))
            {
                digest.Add(PageType.ProcessorFeatures, section.Address, default);
            }
        }

        byte[] first = SHA384.HashData(SnpSaveArea.Page(SnpSaveArea.FirstAddress, launch));
        byte[] others = SHA384.HashData(SnpSaveArea.Page(firmware.ResetAddress, launch));
        for (int i = 0; i < launch.Processors; i++)
        {
            digest.Add(PageType.SaveArea, SaveAreaAddress, i == 0 ? first : others);
        }

        return digest._digest;
    }

    private void AddSection(SnpSection section, byte[]? kernelPage, SnpMonitor monitor)
    {
        switch (section.Kind)
        {
            case SnpSectionKind.Secrets:
                Add(PageType.Secrets, section.Address, default);
                break;
            case SnpSectionKind.ProcessorFeatures when monitor == SnpMonitor.Ec2:
                break;
            case SnpSectionKind.ProcessorFeatures:
                Add(PageType.ProcessorFeatures, section.Address, default);
                break;
            case SnpSectionKind.KernelHashes when kernelPage is not null:
                AddPages(section.Address, kernelPage);
                break;
            default:
                for (uint at = 0; at < section.Bytes; at += PageBytes)
                {
                    Add(PageType.Zero, (ulong)section.Address + at, default);
                }

                break;
        }
    }

    private void AddPages(ulong address, ReadOnlySpan<byte> pages)
    {
        Span<byte> contents = stackalloc byte[Bytes];
        for (int at = 0; at < pages.Length; at += PageBytes)
        {
            SHA384.HashData(pages.Slice(at, PageBytes), contents);
            Add(PageType.Normal, address + (ulong)at, contents);
        }
    }

    /// <summary>Extends the digest by a page; empty contents count as zeros: the page's bytes are not measured.</summary>
    private void Add(PageType type, ulong address, ReadOnlySpan<byte> contents)
    {
        Span<byte> info = stackalloc byte[PageInfoBytes];
        info.Clear();
        _digest.CopyTo(info);
        contents.CopyTo(info[Bytes..]);
        BinaryPrimitives.WriteUInt16LittleEndian(info[96..], PageInfoBytes);
        info[98] = (byte)type;
        BinaryPrimitives.WriteUInt64LittleEndian(info[104..], address);
        SHA384.HashData(info, _digest);
    }
}
