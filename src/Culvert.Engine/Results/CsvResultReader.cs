using System.Buffers;
using System.Globalization;
using System.Text;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Reads what <see cref="CsvFormat"/> writes, and CR LF in the place of LF. Unlike a source's reader it tells an empty value in
/// quotes from a missing one.
/// </summary>
internal sealed class CsvResultReader(string name, Stream stream, Schema schema, RowBytesTaker take)
{
    private readonly byte[] _buffer = new byte[64 << 10];
    private readonly ArrayBufferWriter<byte> _value = new();
    private readonly ArrayBufferWriter<byte> _row = new();
    private int _at;
    private int _end;
    private long _line = 1;
    private bool _quoted;

    /// <summary>What ends a value.</summary>
    private enum Behind
    {
        Comma,
        Line,
        End,
    }

    internal Outcome<long> Read()
    {
        if (ReadHeader() is { } wrong)
        {
            return wrong;
        }

        for (long rows = 0; ; rows++)
        {
            if (Peek() < 0)
            {
                return rows;
            }

            long line = _line;
            _row.ResetWrittenCount();
            if (ReadRow(line) is { } failure)
            {
                return failure;
            }

            take(_row.WrittenSpan);
        }
    }

    private Failure? ReadHeader()
    {
        for (int c = 0; c < schema.Count; c++)
        {
            if (ReadValue(out Behind behind) is { } failure)
            {
                return failure;
            }

            string found = Encoding.UTF8.GetString(_value.WrittenSpan);
            if (found != schema[c].Name || (behind == Behind.Comma) != (c < schema.Count - 1))
            {
                return Wrong(1, $"the header is not {string.Join(",", schema.Fields.Select(f => f.Name))}");
            }
        }

        return null;
    }

    private Failure? ReadRow(long line)
    {
        for (int c = 0; c < schema.Count; c++)
        {
            if (ReadValue(out Behind behind) is { } failure)
            {
                return failure;
            }

            if ((behind == Behind.Comma) != (c < schema.Count - 1))
            {
                return Wrong(line, $"there are not {schema.Count} values");
            }

            if (_value.WrittenCount == 0 && !_quoted)
            {
                BatchRows.WriteMissing(_row);
            }
            else if (!BatchRows.TryWriteText(schema[c].Type, _value.WrittenSpan, _row))
            {
                return Wrong(line, $"the value of '{schema[c].Name}' is no {schema[c].Type}");
            }

            if (_row.WrittenCount > ResultFile.RowBytesMax)
            {
                return Wrong(line, $"a row of over {ResultFile.RowBytesMax} bytes");
            }
        }

        return null;
    }

    private Failure? ReadValue(out Behind behind)
    {
        _value.ResetWrittenCount();
        behind = Behind.End;
        _quoted = Peek() == '"';
        if (_quoted && ReadQuoted() is { } failure)
        {
            return failure;
        }

        while (true)
        {
            int next = Next();
            switch (next)
            {
                case < 0:
                    return null;
                case ',':
                    behind = Behind.Comma;
                    return null;
                case '\r' when Peek() == '\n':
                    continue;
                case '\n':
                    behind = Behind.Line;
                    _line++;
                    return null;
                case '"':
                    return Wrong(_line, "a quote inside a value without quotes");
                case var _ when _quoted:
                    return Wrong(_line, "something between a value's closing quote and the comma");
                default:
                    _value.Byte((byte)next);
                    break;
            }

            if (_value.WrittenCount > ResultFile.RowBytesMax)
            {
                return Wrong(_line, $"a value of over {ResultFile.RowBytesMax} bytes");
            }
        }
    }

    private Failure? ReadQuoted()
    {
        long opened = _line;
        Next();
        while (_value.WrittenCount <= ResultFile.RowBytesMax)
        {
            int next = Next();
            if (next < 0)
            {
                return Wrong(opened, "a quote that is not closed");
            }

            if (next == '"' && Peek() != '"')
            {
                return null;
            }

            if (next == '"')
            {
                Next();
            }

            _line += next == '\n' ? 1 : 0;
            _value.Byte((byte)next);
        }

        return Wrong(opened, $"a value of over {ResultFile.RowBytesMax} bytes");
    }

    private int Peek()
    {
        if (_at == _end)
        {
            (_at, _end) = (0, stream.Read(_buffer));
        }

        return _at < _end ? _buffer[_at] : -1;
    }

    private int Next()
    {
        int next = Peek();
        _at += next < 0 ? 0 : 1;
        return next;
    }

    private Failure Wrong(long line, string what) =>
        new(FailureKind.Malformed, string.Create(CultureInfo.InvariantCulture, $"{name}, line {line}: {what}"));
}
