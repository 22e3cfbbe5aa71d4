using System.Buffers.Binary;

namespace Culvert.Attestation;

/// <summary>The certificates that a host hands over with a report (GHCB specification, 4.1.8.1): a table of GUID, offset and length, then DER.</summary>
internal static class SnpCertificateTable
{
    private const int EntryBytes = 24;
    private const int EntriesMax = 16;

    private static readonly (Guid Id, string File)[] s_known =
    [
        (new Guid("63da758d-e664-4564-adc5-f4b93be8accd"), EvidenceFile.Vcek),
        (new Guid("a8074bc2-a25a-483e-aae6-39c045a0b8a1"), EvidenceFile.Vlek),
    ];

    /// <summary>
    /// Adds what the table holds of known certificates; a table that is malformed adds nothing more. Whether it ends as it
    /// should, by an entry of zeros.
    /// </summary>
    internal static bool AddTo(Dictionary<string, ReadOnlyMemory<byte>> files, ReadOnlyMemory<byte> table)
    {
        for (int i = 0; i < EntriesMax && table.Length >= (i + 1) * EntryBytes; i++)
        {
            ReadOnlySpan<byte> entry = table.Span.Slice(i * EntryBytes, EntryBytes);
            uint offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]);
            if (!entry[..16].ContainsAnyExcept((byte)0) || (ulong)offset + length > (ulong)table.Length)
            {
                return !entry.ContainsAnyExcept((byte)0);
            }

            // Kernels write the id as its text reads; some hosts with its first fields little-endian.
            foreach ((Guid id, string file) in s_known)
            {
                if (id == new Guid(entry[..16], bigEndian: true) || id == new Guid(entry[..16], bigEndian: false))
                {
                    files[file] = table.Slice((int)offset, (int)length);
                }
            }
        }

        return false;
    }
}
