using System.IO.Compression;
using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>
/// A gzip file of one or more members. <see cref="GZipStream"/> takes a file that was cut off for one that ends, so a member
/// of our own is put behind the file's end: only if that comes out whole, and nothing else, was the file whole.
/// </summary>
internal sealed class GzipBytes(InputFile file) : InputBytes
{
    private const int DecoderBufferBytes = 64 << 10;

    private static readonly byte[] Mark = "\n--end--"u8.ToArray();
    private static readonly byte[] MarkMember = Compress(Mark);

    private FileStream? _stored;
    private TailedStream? _tailed;
    private int _markSeen;
    private GZipStream? _stream;
    private long _position;
    private bool _ended;

    public override long StoredBytesRead => _ended ? file.Length : _stored?.Position ?? 0;

    public override int Read(Span<byte> destination, long offset)
    {
        if (_stream is null || offset < _position)
        {
            Reopen();
        }

        byte[] skipped = offset > _position ? new byte[DecoderBufferBytes] : [];
        while (_position < offset)
        {
            int passed = ReadOn(skipped.AsSpan(0, (int)Math.Min(skipped.Length, offset - _position)));
            if (passed == 0)
            {
                return 0;
            }
        }

        return ReadOn(destination);
    }

    public override void Dispose()
    {
        _stream?.Dispose();
        _stored?.Dispose();
    }

    private void Reopen()
    {
        Dispose();
        try
        {
            _stored = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, DecoderBufferBytes, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceFailedException($"{file.Path}: cannot be opened: {e.Message}", e);
        }

        _tailed = new TailedStream(_stored, MarkMember);
        _stream = new GZipStream(_tailed, CompressionMode.Decompress);
        (_position, _ended, _markSeen) = (0, false, 0);
    }

    private int ReadOn(Span<byte> destination)
    {
        try
        {
            while (!_ended && destination.Length > 0)
            {
                int read = _stream!.Read(destination);
                if (!_tailed!.TailBegun)
                {
                    _position += read;
                    _ended = read == 0;
                    if (read > 0)
                    {
                        return read;
                    }
                }
                else
                {
                    _ended = read == 0;
                    if (!Mark.AsSpan(_markSeen).StartsWith(destination[..read]))
                    {
                        throw new InvalidDataException("the mark behind the end is garbled");
                    }

                    _markSeen += read;
                }

                if (_ended && _markSeen != Mark.Length)
                {
                    throw new InvalidDataException("the mark behind the end is missing");
                }
            }

            return 0;
        }
        catch (InvalidDataException e)
        {
            throw new SourceFailedException($"{file.Path}: the compressed data is damaged or cut off behind byte {_position} of the text, or something that is not gzip follows it", e);
        }
        catch (IOException e)
        {
            throw new SourceFailedException($"{file.Path}: cannot be read behind byte {_position} of the text: {e.Message}", e);
        }
    }

    private static byte[] Compress(byte[] bytes)
    {
        using MemoryStream stored = new();
        using (GZipStream stream = new(stored, CompressionLevel.Fastest))
        {
            stream.Write(bytes);
        }

        return stored.ToArray();
    }
}
