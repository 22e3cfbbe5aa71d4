using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Reads what <see cref="JsonLinesFormat"/> and <see cref="ResultJson"/> write, and the same rows with other white space, escapes
/// and order of members. A document's rows are its member <c>result</c>.
/// </summary>
internal sealed class JsonResultReader(string name, Stream stream, bool isDocument, Schema schema, RowBytesTaker take)
{
    private const string ResultMember = "result";

    private readonly ArrayBufferWriter<byte>[] _values = [.. schema.Fields.Select(_ => new ArrayBufferWriter<byte>())];
    private readonly bool[] _given = new bool[schema.Count];
    private readonly ArrayBufferWriter<byte> _row = new();
    private byte[] _text = new byte[256];
    private byte[] _buffer = new byte[64 << 10];
    private long _rows;
    private int _column;
    private bool _inRow;
    private bool _inResult;
    private bool _isResultNext;
    private bool _sawResult;
    private string? _wrong;

    /// <summary>How deep rows stand: inside the document's array, or on their own.</summary>
    private int RowDepth => isDocument ? 2 : 0;

    internal Outcome<long> Read()
    {
        JsonReaderState state = new(new JsonReaderOptions { MaxDepth = 16, AllowMultipleValues = !isDocument });
        int filled = 0;
        while (true)
        {
            int read = stream.Read(_buffer.AsSpan(filled));
            filled += read;
            Utf8JsonReader reader = new(_buffer.AsSpan(0, filled), isFinalBlock: read == 0, state);
            try
            {
                while (_wrong is null && reader.Read())
                {
                    _wrong = Take(ref reader);
                }
            }
            catch (JsonException e)
            {
                return Wrong(e.Message);
            }
            catch (InvalidOperationException)
            {
                return Wrong("a text holds half of a surrogate pair");
            }

            if (_wrong is { } what)
            {
                return Wrong(what);
            }

            if (read == 0)
            {
                return isDocument && !_sawResult ? Wrong($"there is no member '{ResultMember}' with rows") : _rows;
            }

            state = reader.CurrentState;
            int used = (int)reader.BytesConsumed;
            _buffer.AsSpan(used, filled - used).CopyTo(_buffer);
            filled -= used;
            if (filled == _buffer.Length && !Grow())
            {
                return Wrong($"a value of over {ResultFile.RowBytesMax} bytes");
            }
        }
    }

    /// <summary>Takes a token; what is wrong with it, or null.</summary>
    private string? Take(ref Utf8JsonReader reader)
    {
        if (_inRow)
        {
            return TakeOfRow(ref reader);
        }

        if (reader.TokenType == JsonTokenType.StartObject && reader.CurrentDepth == RowDepth && (_inResult || !isDocument))
        {
            _inRow = true;
            Array.Clear(_given);
            return null;
        }

        return isDocument ? TakeOfDocument(ref reader) : "a line is no object";
    }

    private string? TakeOfDocument(ref Utf8JsonReader reader)
    {
        if (_inResult)
        {
            _inResult = reader.TokenType != JsonTokenType.EndArray;
            return _inResult ? $"'{ResultMember}' holds something other than rows" : null;
        }

        if (reader.CurrentDepth == 0 && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndObject))
        {
            return "it is no object";
        }

        if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
        {
            _isResultNext = reader.ValueTextEquals(ResultMember);
            return _isResultNext && _sawResult ? $"'{ResultMember}' is there twice" : null;
        }

        if (_isResultNext)
        {
            (_isResultNext, _inResult, _sawResult) = (false, true, true);
            return reader.TokenType == JsonTokenType.StartArray ? null : $"'{ResultMember}' is no array";
        }

        return null;
    }

    private string? TakeOfRow(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            return EndRow();
        }

        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            string member = reader.GetString()!;
            _column = schema.IndexOf(member);
            if (_column < 0 || _given[_column])
            {
                return _column < 0 ? $"the result has no column '{member}'" : $"'{member}' is there twice";
            }

            _given[_column] = true;
            _values[_column].ResetWrittenCount();
            return null;
        }

        return TakeValue(ref reader, schema[_column].Type)
            ? null
            : $"the value of '{schema[_column].Name}' is no {schema[_column].Type}";
    }

    private bool TakeValue(ref Utf8JsonReader reader, ColumnType type)
    {
        ArrayBufferWriter<byte> value = _values[_column];
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                BatchRows.WriteMissing(value);
                return true;
            case JsonTokenType.True or JsonTokenType.False when type.Kind == ValueKind.Bool:
                return BatchRows.TryWriteText(type, reader.ValueSpan, value);
            case JsonTokenType.Number when type.IsNumeric:
                return BatchRows.TryWriteText(type, reader.ValueSpan, value);
            case JsonTokenType.String when !type.IsNumeric && type.Kind != ValueKind.Bool:
                if (_text.Length < reader.ValueSpan.Length)
                {
                    _text = new byte[2 * reader.ValueSpan.Length];
                }

                return BatchRows.TryWriteText(type, _text.AsSpan(0, reader.CopyString(_text)), value);
            default:
                return false;
        }
    }

    private string? EndRow()
    {
        int absent = Array.IndexOf(_given, false);
        if (absent >= 0)
        {
            return $"there is no '{schema[absent].Name}'";
        }

        _row.ResetWrittenCount();
        foreach (ArrayBufferWriter<byte> value in _values)
        {
            if (_row.WrittenCount + (long)value.WrittenCount > ResultFile.RowBytesMax)
            {
                return $"a row of over {ResultFile.RowBytesMax} bytes";
            }

            _row.Write(value.WrittenSpan);
        }

        take(_row.WrittenSpan);
        _rows++;
        _inRow = false;
        return null;
    }

    private bool Grow()
    {
        if (_buffer.Length >= ResultFile.RowBytesMax)
        {
            return false;
        }

        Array.Resize(ref _buffer, 2 * _buffer.Length);
        return true;
    }

    private Failure Wrong(string what) =>
        new(FailureKind.Malformed, string.Create(CultureInfo.InvariantCulture, $"{name}, behind row {_rows}: {what}"));
}
