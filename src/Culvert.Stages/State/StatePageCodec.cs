using System.Buffers;
using System.Buffers.Binary;

namespace Culvert.Stages;

/// <summary>
/// A page's entries as snapshots store them (<c>docs/specs/snapshot.md</c>): dense, and ordered by hash and key, so that equal
/// content has equal bytes whatever its past.
/// </summary>
internal static unsafe class StatePageCodec
{
    internal static void Encode(
        StatePageReader reader, byte* page, Span<ulong> hashes, Span<ushort> offsets, ArrayBufferWriter<byte> writer)
    {
        ref readonly StatePageLayout layout = ref reader.Layout;
        int count = layout.Order(page, hashes, offsets);
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), count);
        writer.Advance(sizeof(int));
        for (int i = 0; i < count; i++)
        {
            byte* entry = page + offsets[i];
            ReadOnlySpan<byte> key = layout.Key(entry);
            ReadOnlySpan<byte> value = reader.Value(entry);
            Span<byte> header = writer.GetSpan(sizeof(ushort) + sizeof(int));
            int headerBytes = 0;
            if (layout.KeySize == 0)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)key.Length);
                headerBytes = sizeof(ushort);
            }

            if (layout.ValueSize == 0)
            {
                BinaryPrimitives.WriteInt32LittleEndian(header[headerBytes..], value.Length);
                headerBytes += sizeof(int);
            }

            writer.Advance(headerBytes);
            writer.Write(key);
            writer.Write(value);
        }
    }

    /// <summary>
    /// Adds stored entries to an empty page. Returns what is wrong with them, or null; nothing outside the page and
    /// <paramref name="payload"/> is touched whatever the bytes are.
    /// </summary>
    internal static string? Decode(
        in StatePageLayout layout, StatePages pages, byte* page, int depth, ulong prefix, ReadOnlySpan<byte> payload)
    {
        if (!TryTake(ref payload, sizeof(int), out ReadOnlySpan<byte> field))
        {
            return "the entry count is cut";
        }

        int count = BinaryPrimitives.ReadInt32LittleEndian(field);
        ulong last = 0;
        ReadOnlySpan<byte> lastKey = default;
        for (int i = 0; i < count; i++)
        {
            int keyBytes = layout.KeySize;
            int valueBytes = layout.ValueSize;
            if (keyBytes == 0)
            {
                keyBytes = TryTake(ref payload, sizeof(ushort), out field) ? BinaryPrimitives.ReadUInt16LittleEndian(field) : -1;
            }

            if (valueBytes == 0)
            {
                valueBytes = TryTake(ref payload, sizeof(int), out field) ? BinaryPrimitives.ReadInt32LittleEndian(field) : -1;
            }

            if (keyBytes is < 0 or > StateTable.KeyBytesMax || valueBytes is < 0 or > StateTable.ValueBytesMax
                || !TryTake(ref payload, keyBytes, out ReadOnlySpan<byte> key)
                || !TryTake(ref payload, valueBytes, out ReadOnlySpan<byte> value))
            {
                return "an entry is cut or too long";
            }

            ulong hash = StateHash.Of(key);
            if ((hash ^ prefix) >> (64 - depth) != 0)
            {
                return "a key is in the wrong page";
            }

            if (i > 0 && (hash < last || (hash == last && lastKey.SequenceCompareTo(key) >= 0)))
            {
                return "keys are out of order";
            }

            last = hash;
            lastKey = key;
            if (!TryInsert(layout, pages, page, depth, key, hash, value))
            {
                return "entries exceed a page";
            }
        }

        return payload.IsEmpty && count >= 0 ? null : "bytes follow the last entry";
    }

    private static bool TryInsert(
        in StatePageLayout layout,
        StatePages pages,
        byte* page,
        int depth,
        ReadOnlySpan<byte> key,
        ulong hash,
        ReadOnlySpan<byte> value)
    {
        bool isBlob = value.Length > StateTable.InlineValueBytesMax;
        int bytes = isBlob ? StatePageLayout.BlobEntryBytes(key.Length) : layout.EntryBytes(key.Length, value.Length);
        if (!layout.HasRoom(page, bytes))
        {
            return false;
        }

        if (isBlob)
        {
            layout.InsertBlob(page, depth, key, hash, pages.AllocateBlob(value), value.Length);
        }
        else
        {
            value.CopyTo(layout.Value(layout.Insert(page, depth, key, hash, bytes, (ushort)value.Length)));
        }

        return true;
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> from, int length, out ReadOnlySpan<byte> taken)
    {
        if (from.Length < length)
        {
            taken = default;
            return false;
        }

        taken = from[..length];
        from = from[length..];
        return true;
    }
}
