using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>What a section of SEV-SNP firmware metadata is for (edk2, <c>OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm</c>).</summary>
public enum SnpSectionKind
{
    /// <summary>Memory that is zero at the start.</summary>
    Memory = 1,

    /// <summary>The page of secrets that the security processor fills in; not measured by contents.</summary>
    Secrets = 2,

    /// <summary>The page of processor features; not measured by contents.</summary>
    ProcessorFeatures = 3,

    /// <summary>A page by which a service module is called; zero.</summary>
    CallingArea = 4,

    /// <summary>The page with the hashes of kernel, initial ramdisk and command line; zero when no kernel is given.</summary>
    KernelHashes = 0x10,
}

/// <summary>A section of guest memory that exists before the guest runs.</summary>
/// <param name="Address">Where it begins, guest-physical; a multiple of 4,096.</param>
/// <param name="Bytes">How long it is; a multiple of 4,096.</param>
/// <param name="Kind">What it is for.</param>
public readonly record struct SnpSection(uint Address, uint Bytes, SnpSectionKind Kind);

/// <summary>
/// Firmware of an SEV-SNP guest: its bytes, which lie right below 4 GiB, and what its metadata asks for. Immutable; holds on
/// to the bytes that it was read from.
/// </summary>
public sealed class SnpFirmware
{
    private const int SectionBytes = 12;
    private const int HeaderBytes = 16;
    private const int SectionsMax = 64;

    /// <summary>1 GiB of pages before the start; real firmware asks for some 32.</summary>
    private const long SectionPagesMax = 1 << 18;

    private static readonly Guid s_resetBlock = new("00f771de-1a7e-4fcb-890e-68c77e2fb44e");
    private static readonly Guid s_hashTable = new("7255371f-3a3b-4b04-927b-1da6efa8d454");
    private static readonly Guid s_metadata = new("dc886566-984a-4798-a75e-5585a7bf67cc");

    internal SnpFirmware(ReadOnlyMemory<byte> image, ImmutableArray<SnpSection> sections, uint resetAddress, uint hashTableAddress) =>
        (Image, Sections, ResetAddress, HashTableAddress) = (image, sections, resetAddress, hashTableAddress);

    /// <summary>All of its bytes.</summary>
    public ReadOnlyMemory<byte> Image { get; }

    /// <summary>In the order in which they are launched.</summary>
    public ImmutableArray<SnpSection> Sections { get; }

    /// <summary>Where processors but the first begin.</summary>
    public uint ResetAddress { get; }

    /// <summary>Where the table of the kernel's hashes goes; 0 when the firmware checks no kernel.</summary>
    public uint HashTableAddress { get; }

    /// <summary>Whether it checks a kernel that it is given against measured hashes.</summary>
    public bool ChecksKernel => HashTableAddress != 0 && Sections.Any(section => section.Kind == SnpSectionKind.KernelHashes);

    /// <summary>Reads firmware; refuses what has no metadata for SEV-SNP, or broken ones.</summary>
    public static Outcome<SnpFirmware> Read(ReadOnlyMemory<byte> image)
    {
        Outcome<FirmwareTable> table = FirmwareTable.Read(image);
        if (!table.Succeeded)
        {
            return table.Failure;
        }

        if (table.Value.Number(s_metadata) is not uint fromEnd || table.Value.Number(s_resetBlock) is not uint reset)
        {
            return new Failure(FailureKind.Missing, "firmware: it has no metadata for SEV-SNP; build OVMF for it (OvmfPkg/AmdSev, or OvmfPkgX64)");
        }

        Outcome<ImmutableArray<SnpSection>> sections = ReadSections(image.Span, fromEnd);
        return sections.Succeeded
            ? new SnpFirmware(image, sections.Value, reset, table.Value.Number(s_hashTable) ?? 0)
            : sections.Failure;
    }

    private static Outcome<ImmutableArray<SnpSection>> ReadSections(ReadOnlySpan<byte> image, uint fromEnd)
    {
        Failure broken = new(FailureKind.Malformed, "firmware: its metadata for SEV-SNP is broken");
        if (fromEnd < HeaderBytes || fromEnd > image.Length)
        {
            return broken;
        }

        ReadOnlySpan<byte> metadata = image[^(int)fromEnd..];
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(metadata[12..]);
        if (!metadata.StartsWith("ASEV"u8) || BinaryPrimitives.ReadUInt32LittleEndian(metadata[8..]) != 1
            || count > SectionsMax || metadata.Length < HeaderBytes + (count * SectionBytes))
        {
            return broken;
        }

        long pages = 0;
        var sections = ImmutableArray.CreateBuilder<SnpSection>((int)count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> at = metadata.Slice(HeaderBytes + (i * SectionBytes), SectionBytes);
            SnpSection section = new(
                BinaryPrimitives.ReadUInt32LittleEndian(at),
                BinaryPrimitives.ReadUInt32LittleEndian(at[4..]),
                (SnpSectionKind)BinaryPrimitives.ReadUInt32LittleEndian(at[8..]));
            pages += section.Bytes / SnpLaunchDigest.PageBytes;
            if (section.Address % SnpLaunchDigest.PageBytes != 0 || section.Bytes % SnpLaunchDigest.PageBytes != 0
                || section.Bytes == 0 || !Enum.IsDefined(section.Kind) || pages > SectionPagesMax)
            {
                return broken;
            }

            sections.Add(section);
        }

        return sections.ToImmutable();
    }
}
