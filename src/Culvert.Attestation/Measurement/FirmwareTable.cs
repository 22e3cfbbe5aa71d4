using System.Buffers.Binary;

namespace Culvert.Attestation;

/// <summary>
/// The table of GUIDs at the end of a virtual machine's firmware (OVMF and its kin), by which it tells what a launch needs to
/// know. Read from its end: 32 bytes of reset vector, the footer, and entries of data, length (2 bytes, over data, itself and
/// GUID) and GUID (QEMU, docs/specs/sev-guest-firmware.rst).
/// </summary>
internal sealed class FirmwareTable
{
    private const int ResetVectorBytes = 32;
    private const int GuidBytes = 16;
    private const int EntryOverhead = sizeof(ushort) + GuidBytes;
    private const int EntriesMax = 64;
    private const int ImageBytesMax = 64 << 20;
    private const int PageBytes = 4096;

    private static readonly Guid s_footer = new("96b582de-1fb2-45f7-baea-a366c55a082d");

    private readonly Dictionary<Guid, ReadOnlyMemory<byte>> _entries;

    private FirmwareTable(Dictionary<Guid, ReadOnlyMemory<byte>> entries) => _entries = entries;

    /// <summary>Reads the table; refuses an image that is not whole pages of at most 64 MiB, has no table, or a broken one.</summary>
    internal static Outcome<FirmwareTable> Read(ReadOnlyMemory<byte> image)
    {
        if (image.Length is < PageBytes or > ImageBytesMax || image.Length % PageBytes != 0)
        {
            return new Failure(FailureKind.Malformed, $"firmware: {image.Length} bytes; whole pages of {PageBytes}, {ImageBytesMax} bytes at most, are needed");
        }

        ReadOnlyMemory<byte> rest = image[..^ResetVectorBytes];
        if (Last(rest) is not { } footer || footer.Id != s_footer || footer.Length < EntryOverhead || footer.Length > rest.Length)
        {
            return new Failure(FailureKind.Missing, "firmware: no table of GUIDs at its end; it is no OVMF, or only its variables or only a part of it");
        }

        rest = rest.Slice(rest.Length - footer.Length, footer.Length - EntryOverhead);
        Dictionary<Guid, ReadOnlyMemory<byte>> entries = [];
        while (!rest.IsEmpty)
        {
            if (Last(rest) is not { } entry || entry.Length < EntryOverhead || entry.Length > rest.Length || entries.Count == EntriesMax)
            {
                return new Failure(FailureKind.Malformed, "firmware: its table of GUIDs is broken");
            }

            if (!entries.TryAdd(entry.Id, rest.Slice(rest.Length - entry.Length, entry.Length - EntryOverhead)))
            {
                return new Failure(FailureKind.Malformed, $"firmware: its table has {entry.Id} twice");
            }

            rest = rest[..^entry.Length];
        }

        return new FirmwareTable(entries);
    }

    /// <summary>The first four bytes of an entry as a number; null when there is no such entry.</summary>
    internal uint? Number(Guid id) =>
        _entries.TryGetValue(id, out ReadOnlyMemory<byte> entry) && entry.Length >= sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(entry.Span) : null;

    private static (Guid Id, int Length)? Last(ReadOnlyMemory<byte> bytes) => bytes.Length < EntryOverhead
        ? null
        : (new Guid(bytes.Span[^GuidBytes..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span[^EntryOverhead..]));
}
