using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// A buffer that moves over the bytes of one file while rows are decoded out of it. It is small, so that what was just read
/// is still in the core's cache when it is scanned; a row that does not fit makes it grow, up to the longest row allowed.
/// </summary>
internal sealed class RowWindow(CsvOptions options) : IDisposable
{
    private const int BufferBytes = 256 << 10;

    /// <summary>Read beyond the end of a split at first: more than most last rows need.</summary>
    private const int LookaheadBytes = 4 << 10;

    private InputBytes? _bytes;
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes + CsvDecoder.PaddingBytes);
    private int _filled;
    private bool _final;
    private bool _dry;

    /// <summary>The file that is read.</summary>
    public InputFile? File { get; private set; }

    /// <summary>How far the stored file has been read.</summary>
    public long StoredBytesRead => _bytes?.StoredBytesRead ?? 0;

    /// <summary>Whether the file ends at an offset.</summary>
    public bool EndsAt(long offset) => _final && offset >= Base + _filled;

    /// <summary>The place of the buffer's first byte in the file.</summary>
    private long Base { get; set; }

    public void Select(InputFile file)
    {
        if (File != file)
        {
            _bytes?.Dispose();
            _bytes = null;
            File = file;
            (_filled, Base, _final) = (0, 0, false);
        }
    }

    /// <summary>
    /// Decodes the rows that start from <paramref name="start"/> to before <paramref name="stop"/> and returns where the next
    /// one starts: at or behind <paramref name="stop"/>, or the file's end. Stops early where
    /// <paramref name="decoded"/> says why.
    /// </summary>
    public long DecodeRows(long start, long stop, CsvDecoder decoder, CsvDecoded decoded, CancellationToken cancellationToken)
    {
        int at = Seek(start);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            at = decoder.Decode(_buffer, at, (int)Math.Min(stop - Base, int.MaxValue), _filled, _final, Base, decoded);
            bool stopped = decoded.RowTooLong >= 0 || (decoded.MalformedCount > 0 && options.Malformed == MalformedRowPolicy.Fail);
            if (_final || stopped || Base + at >= stop)
            {
                decoder.Flush(decoded);
                return Base + at;
            }

            at = ReadMore(at, stop);
            if (_dry)
            {
                decoder.Flush(decoded);
                return Base + at;
            }
        }
    }

    /// <summary>As <see cref="DecodeRows"/>, of what is in the buffer already, and without moving it.</summary>
    public long DecodeBuffered(long start, long stop, CsvDecoder decoder, CsvDecoded decoded)
    {
        int at = decoder.Decode(_buffer, (int)(start - Base), (int)(stop - Base), _filled, _final, Base, decoded);
        decoder.Flush(decoded);
        return Base + at;
    }

    /// <summary>Where the first line starts at or behind <paramref name="from"/>, taking every LF for a line's end; <paramref name="stop"/> if none starts before.</summary>
    public long FindLine(long from, long stop)
    {
        int at = Seek(from - 1);
        while (true)
        {
            int wanted = (int)Math.Min(_filled - at, stop - 1 - (Base + at));
            int found = wanted <= 0 ? -1 : _buffer.AsSpan(at, wanted).IndexOf((byte)'\n');
            if (found >= 0)
            {
                return Base + at + found + 1;
            }

            at += Math.Max(wanted, 0);
            if (_final || Base + at >= stop - 1)
            {
                return stop;
            }

            at = ReadMore(at, stop);
        }
    }

    /// <summary>Whether a byte occurs from <paramref name="from"/> to before <paramref name="stop"/>.</summary>
    public bool Contains(byte value, long from, long stop)
    {
        int at = Seek(from);
        while (true)
        {
            int wanted = (int)Math.Min(_filled - at, stop - (Base + at));
            if (wanted > 0 && _buffer.AsSpan(at, wanted).Contains(value))
            {
                return true;
            }

            at += Math.Max(wanted, 0);
            if (_final || Base + at >= stop)
            {
                return false;
            }

            at = ReadMore(at, stop);
        }
    }

    /// <summary>The number of the line that holds a byte, from 1.</summary>
    public long LineAt(long offset)
    {
        long line = 1;
        int at = Seek(0);
        while (true)
        {
            int wanted = (int)Math.Min(_filled - at, offset - (Base + at));
            line += wanted > 0 ? _buffer.AsSpan(at, wanted).Count((byte)'\n') : 0;
            at += Math.Max(wanted, 0);
            if (_final || _dry || Base + at >= offset)
            {
                return line;
            }

            at = ReadMore(at, offset);
        }
    }

    /// <summary>The file's first bytes, as many as there are up to <paramref name="count"/>; valid until the next call.</summary>
    public ReadOnlySpan<byte> Head(int count, out bool whole)
    {
        int at = Seek(0);
        while (_filled < count && !_final && !(_dry && _buffer.AsSpan(0, _filled).Contains((byte)'\n')))
        {
            at = ReadMore(at, count);
            if (_dry)
            {
                _bytes!.WaitForMore();
            }
        }

        whole = _final;
        return _buffer.AsSpan(0, Math.Min(count, _filled));
    }

    public void Dispose() => _bytes?.Dispose();

    private int Seek(long offset)
    {
        if (offset < Base || offset > Base + _filled)
        {
            (_filled, Base, _final) = (0, offset, false);
        }

        return (int)(offset - Base);
    }

    /// <summary>Moves what is left from <paramref name="at"/> on to the front, reads on behind it, and returns where it is now.</summary>
    private int ReadMore(int at, long stop)
    {
        _bytes ??= InputBytes.Open(File!);
        int left = _filled - at;
        if (at > 0)
        {
            _buffer.AsSpan(at, left).CopyTo(_buffer);
            Base += at;
            _filled = left;
        }

        int room = _buffer.Length - CsvDecoder.PaddingBytes - _filled;
        if (room < BufferBytes / 4)
        {
            int larger = (int)Math.Min(2L * _buffer.Length, (long)options.RowBytesMax + (2 * BufferBytes));
            Array.Resize(ref _buffer, Math.Max(larger, _buffer.Length));
            room = _buffer.Length - CsvDecoder.PaddingBytes - _filled;
        }

        long untilStop = Math.Min(stop - (Base + _filled), room);
        int wanted = (int)Math.Min(room, untilStop > 0 ? untilStop + LookaheadBytes : BufferBytes / 4);
        int read = _bytes.Read(_buffer.AsSpan(_filled, wanted), Base + _filled);
        _filled += read;
        _final = read == 0 && _bytes.Ended;
        _dry = read == 0 && !_final;
        return 0;
    }
}
