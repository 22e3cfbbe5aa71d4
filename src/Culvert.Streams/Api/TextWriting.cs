using System.Text;

namespace Culvert.Streams;

/// <summary>Collects a member's strings or byte arrays, and encodes them into one column.</summary>
internal sealed class TextWriting(ColumnType type, ColumnPool pool)
{
    private readonly TextColumnBuilder _builder = new(type, pool);
    private string?[] _texts = [];
    private byte[]?[] _arrays = [];
    private byte[] _scratch = new byte[256];

    /// <summary>The array that the next <paramref name="count"/> values are put into.</summary>
    internal object Reserve(int count)
    {
        if (type.Kind == ValueKind.Text)
        {
            _texts = _texts.Length >= count ? _texts : new string?[Math.Max(count, 64)];
            return _texts;
        }

        _arrays = _arrays.Length >= count ? _arrays : new byte[]?[Math.Max(count, 64)];
        return _arrays;
    }

    internal int FindNull(int count) =>
        type.Kind == ValueKind.Text ? _texts.AsSpan(0, count).IndexOf((string?)null) : _arrays.AsSpan(0, count).IndexOf((byte[]?)null);

    internal void Append(int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (type.Kind == ValueKind.Bytes)
            {
                AppendBytes(_arrays[i]);
            }
            else if (_texts[i] is { } text)
            {
                int bound = Encoding.UTF8.GetMaxByteCount(text.Length);
                _scratch = _scratch.Length >= bound ? _scratch : new byte[bound];
                _builder.Append(_scratch.AsSpan(0, Encoding.UTF8.GetBytes(text, _scratch)));
            }
            else
            {
                _builder.AppendNull();
            }
        }

        // The arrays outlive the rows: what they point to must not.
        _texts.AsSpan(0, Math.Min(count, _texts.Length)).Clear();
        _arrays.AsSpan(0, Math.Min(count, _arrays.Length)).Clear();
    }

    internal Column Build() => _builder.Build();

    private void AppendBytes(byte[]? bytes)
    {
        if (bytes is null)
        {
            _builder.AppendNull();
        }
        else
        {
            _builder.Append(bytes);
        }
    }
}
