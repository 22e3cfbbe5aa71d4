using System.Buffers.Binary;
using System.Text;

namespace Culvert.Streams;

/// <summary>
/// Turns rows of a text or bytes column into strings or arrays. A dictionary's entry is decoded once; of plain text,
/// values of up to 8 bytes are looked up among those seen lately, so that codes and flags do not allocate per row.
/// </summary>
internal sealed class TextReading(bool isText)
{
    private const int RecentCount = 1024;

    private readonly (ulong Bytes, int Length, string Text)[] _recent = isText ? new (ulong, int, string)[RecentCount] : [];
    private BytesColumn? _column;
    private TextColumn? _dictionary;
    private string?[] _entries = [];
    private string?[] _texts = [];
    private byte[]?[] _arrays = [];

    internal void Bind(BytesColumn column)
    {
        _column = column;
        if (isText && column is DictionaryColumn { Dictionary: { } dictionary } && !ReferenceEquals(dictionary, _dictionary))
        {
            _dictionary = dictionary;
            _entries = new string?[dictionary.Count];
        }
    }

    /// <summary>The values of some rows, in an array that is this object's and valid until the next call.</summary>
    internal object Read(int start, int count)
    {
        BytesColumn column = _column!;
        if (!isText)
        {
            _arrays = _arrays.Length >= count ? _arrays : new byte[]?[count];
            for (int i = 0; i < count; i++)
            {
                _arrays[i] = column.IsNull(start + i) ? null : column.GetBytes(start + i).ToArray();
            }

            return _arrays;
        }

        _texts = _texts.Length >= count ? _texts : new string?[count];
        if (column is DictionaryColumn coded)
        {
            ReadCodes(coded, start, count);
        }
        else
        {
            for (int i = 0; i < count; i++)
            {
                _texts[i] = column.IsNull(start + i) ? null : Decode(column.GetBytes(start + i));
            }
        }

        return _texts;
    }

    private void ReadCodes(DictionaryColumn column, int start, int count)
    {
        ReadOnlySpan<int> codes = column.Codes.Slice(start, count);
        for (int i = 0; i < codes.Length; i++)
        {
            _texts[i] = column.IsNull(start + i)
                ? null
                : _entries[codes[i]] ??= Decode(column.Dictionary.GetBytes(codes[i]));
        }
    }

    private string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > sizeof(ulong))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        bytes.CopyTo(padded);
        ulong key = BinaryPrimitives.ReadUInt64LittleEndian(padded);
        ref (ulong Bytes, int Length, string Text) slot = ref _recent[(int)((key * 0x9E3779B97F4A7C15UL) >> 54)];
        if (slot.Text is null || slot.Bytes != key || slot.Length != bytes.Length)
        {
            slot = (key, bytes.Length, Encoding.UTF8.GetString(bytes));
        }

        return slot.Text;
    }
}
