namespace Culvert.Cli.Jobs;

/// <summary>
/// Standard input, which is looked at before it is read: what was taken from it is kept until the reader has it. A look that
/// is over gets no more of it. Thread safe.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "memory only; standard input is the process's")]
internal sealed class ReplayedInput(Stream input)
{
    private readonly Lock _lock = new();
    private readonly MemoryStream _taken = new();
    private Reader? _current;

    /// <summary>Begins to look from the start; ends a look before it.</summary>
    internal Stream Look()
    {
        lock (_lock)
        {
            return _current = new Reader(this, keeps: true);
        }
    }

    /// <summary>Reads from the start, once; ends a look.</summary>
    internal Stream Read()
    {
        lock (_lock)
        {
            return _current = new Reader(this, keeps: false);
        }
    }

    private int Read(Reader reader, Span<byte> buffer)
    {
        // One read at a time, also of a reader whose turn is over: what it brings still comes first.
        lock (_lock)
        {
            if (reader != _current)
            {
                return 0;
            }

            if (reader.Place < _taken.Length)
            {
                _taken.Position = reader.Place;
                int again = _taken.Read(buffer);
                reader.Place += again;
                return again;
            }

            int count = input.Read(buffer);
            if (reader.Keeps)
            {
                _taken.Position = _taken.Length;
                _taken.Write(buffer[..count]);
            }

            reader.Place += count;
            return count;
        }
    }

    private sealed class Reader(ReplayedInput owner, bool keeps) : Stream
    {
        internal bool Keeps => keeps;

        internal long Place { get; set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer) => owner.Read(this, buffer);

        public override int Read(byte[] buffer, int offset, int count) => owner.Read(this, buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
