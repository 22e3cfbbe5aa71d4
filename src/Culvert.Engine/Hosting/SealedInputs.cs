using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Culvert.Enclaves;
using Culvert.Sealing;
using Microsoft.Win32.SafeHandles;

namespace Culvert.Engine;

/// <summary>The sealed files that a host reads for its workers, block by block, without a key. Thread safe.</summary>
internal sealed class SealedInputs : IDisposable
{
    private readonly Dictionary<StageId, File[]> _files = [];

    /// <summary>Opens the files and looks where their blocks lie; what cannot be read throws <see cref="Culvert.Stages.SourceFailedException"/>.</summary>
    internal SealedInputs(ImmutableArray<(StageId Stage, ImmutableArray<string> Paths)> inputs)
    {
        foreach ((StageId stage, ImmutableArray<string> paths) in inputs)
        {
            _files.Add(stage, [.. paths.Select(p => new File(p))]);
        }
    }

    /// <summary>What a worker asks for; null when there is no such thing. The array is from the shared pool.</summary>
    internal (byte[] Rented, int Length)? Read(ReadMessage read)
    {
        if (!_files.TryGetValue(read.Stage, out File[]? files) || read.File >= files.Length)
        {
            return null;
        }

        File file = files[read.File];
        if (read.Subject == ReadSubject.Header)
        {
            return Copy(file.Index.Header.Bytes.Span);
        }

        if (read.Strand >= file.Index.Header.StrandCount)
        {
            return null;
        }

        if (read.Subject == ReadSubject.End)
        {
            return file.Index.End(read.Strand) is { } end ? file.Read(end.Offset, end.Length) : null;
        }

        IReadOnlyList<SealedBlockPlace> groups = file.Index.Groups(read.Strand);
        return read.Group < groups.Count ? file.ReadColumns(groups[(int)read.Group], read.Columns) : null;
    }

    public void Dispose()
    {
        foreach (File file in _files.Values.SelectMany(f => f))
        {
            file.Dispose();
        }
    }

    private static (byte[] Rented, int Length) Copy(ReadOnlySpan<byte> bytes)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(rented);
        return (rented, bytes.Length);
    }

    private sealed class File : IDisposable
    {
        private readonly SafeFileHandle _handle;

        internal File(string path)
        {
            using FileStream stream = System.IO.File.OpenRead(path);
            Outcome<SealedFileIndex> index = SealedFileIndex.Read(path, stream);
            Index = index.Succeeded ? index.Value : throw new Culvert.Stages.SourceFailedException(index.Failure.Message);
            _handle = System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
        }

        internal SealedFileIndex Index { get; }

        internal (byte[] Rented, int Length)? Read(long offset, int length)
        {
            byte[] rented = ArrayPool<byte>.Shared.Rent(length);
            int read = ReadFully(rented.AsSpan(0, length), offset);
            return (rented, read);
        }

        /// <summary>The block's head behind its length, then each wanted column behind its length: neighbours are read at once.</summary>
        internal (byte[] Rented, int Length)? ReadColumns(SealedBlockPlace place, ImmutableArray<int> columns)
        {
            int headBytes = place.Header.HeadBytes;
            byte[] head = ArrayPool<byte>.Shared.Rent(headBytes);
            try
            {
                if (ReadFully(head.AsSpan(0, headBytes), place.Offset) < headBytes || columns.Any(c => (uint)c >= (uint)place.Header.Columns))
                {
                    return null;
                }

                (long Offset, int Length)[] parts = [.. columns.Select(c => SealedBlockPlace.Column(place.Header, head, c))];
                long length = sizeof(int) + headBytes + parts.Sum(p => sizeof(int) + (long)p.Length);
                if (length > ChannelLimits.MessageBytesMax - 64)
                {
                    return null;
                }

                byte[] rented = ArrayPool<byte>.Shared.Rent((int)length);
                BinaryPrimitives.WriteInt32LittleEndian(rented, headBytes);
                head.AsSpan(0, headBytes).CopyTo(rented.AsSpan(sizeof(int)));
                int at = sizeof(int) + headBytes;
                foreach ((long offset, int bytes) in parts)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(rented.AsSpan(at), bytes);
                    if (ReadFully(rented.AsSpan(at + sizeof(int), bytes), place.Offset + offset) < bytes)
                    {
                        ArrayPool<byte>.Shared.Return(rented);
                        return null;
                    }

                    at += sizeof(int) + bytes;
                }

                return (rented, at);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(head);
            }
        }

        public void Dispose() => _handle.Dispose();

        private int ReadFully(Span<byte> destination, long offset)
        {
            int total = 0;
            while (total < destination.Length)
            {
                int read = RandomAccess.Read(_handle, destination[total..], offset + total);
                if (read == 0)
                {
                    break;
                }

                total += read;
            }

            return total;
        }
    }
}
