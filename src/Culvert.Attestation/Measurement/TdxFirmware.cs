using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>A section of a trust domain's memory that exists before it runs.</summary>
/// <param name="DataOffset">Where its bytes are in the firmware's file.</param>
/// <param name="DataBytes">How many there are; 0: the memory is zero.</param>
/// <param name="Address">Where it begins, guest-physical; a multiple of 4,096.</param>
/// <param name="MemoryBytes">How long it is; a multiple of 4,096.</param>
/// <param name="IsMeasured">Its contents go into MRTD, not only its place.</param>
/// <param name="IsAddedLater">It is given to the domain when it runs (TDH.MEM.PAGE.AUG), and so is not in MRTD.</param>
public readonly record struct TdxSection(uint DataOffset, uint DataBytes, ulong Address, ulong MemoryBytes, bool IsMeasured, bool IsAddedLater);

/// <summary>
/// Firmware of a trust domain, with what its TDVF metadata asks for (Intel TDX Virtual Firmware Design Guide 344991, 11).
/// Immutable; holds on to the bytes that it was read from.
/// </summary>
public sealed class TdxFirmware
{
    private const int HeaderBytes = 16;
    private const int SectionBytes = 32;
    private const int SectionsMax = 64;
    private const int PageBytes = 4096;
    private const uint MeasuredAttribute = 1;
    private const uint AddedLaterAttribute = 2;

    /// <summary>1 GiB of pages before the start; real firmware asks for some 700.</summary>
    private const ulong MemoryPagesMax = 1 << 18;

    private static readonly Guid s_metadata = new("e47a6535-984a-4798-865e-4685a7bf8ec2");

    private TdxFirmware(ReadOnlyMemory<byte> image, ImmutableArray<TdxSection> sections) => (Image, Sections) = (image, sections);

    /// <summary>All of its bytes.</summary>
    public ReadOnlyMemory<byte> Image { get; }

    /// <summary>In the order in which they are added.</summary>
    public ImmutableArray<TdxSection> Sections { get; }

    /// <summary>Reads firmware; refuses what has no metadata for TDX, or broken ones.</summary>
    public static Outcome<TdxFirmware> Read(ReadOnlyMemory<byte> image)
    {
        Outcome<FirmwareTable> table = FirmwareTable.Read(image);
        if (!table.Succeeded)
        {
            return table.Failure;
        }

        if (table.Value.Number(s_metadata) is not uint fromEnd)
        {
            return new Failure(FailureKind.Missing, "firmware: it has no metadata for TDX; build OVMF for it (OvmfPkg/IntelTdx, or OvmfPkgX64)");
        }

        Failure broken = new(FailureKind.Malformed, "firmware: its metadata for TDX is broken");
        if (fromEnd < HeaderBytes || fromEnd > image.Length)
        {
            return broken;
        }

        ReadOnlySpan<byte> metadata = image.Span[^(int)fromEnd..];
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(metadata[12..]);
        if (!metadata.StartsWith("TDVF"u8) || BinaryPrimitives.ReadUInt32LittleEndian(metadata[8..]) != 1
            || count > SectionsMax || metadata.Length < HeaderBytes + (count * SectionBytes))
        {
            return broken;
        }

        var sections = ImmutableArray.CreateBuilder<TdxSection>((int)count);
        ulong pages = 0;
        for (int i = 0; i < count; i++)
        {
            if (ReadSection(metadata.Slice(HeaderBytes + (i * SectionBytes), SectionBytes), image.Length) is not { } section
                || (pages += section.MemoryBytes / PageBytes) > MemoryPagesMax)
            {
                return broken;
            }

            sections.Add(section);
        }

        return new TdxFirmware(image, sections.ToImmutable());
    }

    private static TdxSection? ReadSection(ReadOnlySpan<byte> at, int imageBytes)
    {
        uint attributes = BinaryPrimitives.ReadUInt32LittleEndian(at[28..]);
        TdxSection section = new(
            BinaryPrimitives.ReadUInt32LittleEndian(at),
            BinaryPrimitives.ReadUInt32LittleEndian(at[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(at[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(at[16..]),
            (attributes & MeasuredAttribute) != 0,
            (attributes & AddedLaterAttribute) != 0);
        bool fits = section.Address % PageBytes == 0 && section.MemoryBytes % PageBytes == 0
            && section.MemoryBytes <= MemoryPagesMax * PageBytes
            && section.DataBytes <= section.MemoryBytes
            && (ulong)section.DataOffset + section.DataBytes <= (ulong)imageBytes
            && !(section.IsMeasured && section.IsAddedLater);
        return fits ? section : null;
    }
}
