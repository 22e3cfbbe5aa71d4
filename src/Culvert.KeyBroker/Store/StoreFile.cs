using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Sealing;
using Microsoft.Win32.SafeHandles;

namespace Culvert.KeyBroker;

/// <summary>One file of a store, open at its end. Owned by one thread at a time.</summary>
internal sealed class StoreFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly AesGcm _cipher;
    private byte[] _chain;
    private long _number;

    private StoreFile(SafeFileHandle handle, AesGcm cipher, byte[] chain, long number, long length) =>
        (_handle, _cipher, _chain, _number, Length) = (handle, cipher, chain, number, length);

    /// <summary>Bytes so far.</summary>
    internal long Length { get; private set; }

    /// <summary>The chain behind the last record.</summary>
    internal ReadOnlySpan<byte> Chain => _chain;

    /// <summary>
    /// Makes a file whose first record has the totals, whole or not at all: written under another name, flushed, and then given
    /// its own, in the place of what may be there.
    /// </summary>
    internal static StoreFile Create(string path, Secret storeKey, OwnerKeyId owner, ReadOnlySpan<byte> previous, ReleaseTotals totals, IEntropy entropy)
    {
        InstanceSalt salt = InstanceSalt.Random(entropy);
        byte[] header = StoreFormat.WriteHeader(owner, salt, previous);
        string next = path + BrokerStore.NextSuffix;
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(next, options).Dispose();
        SafeFileHandle handle = OpenHandle(next);
        StoreFile file = new(handle, CipherOf(storeKey, salt), StoreFormat.ChainOf(header), 0, 0);
        try
        {
            file.WriteBytes(header);
            file.Write(StoreFormat.Write(totals));
            file.Flush();
            File.Move(next, path, overwrite: true);
            FolderFlush.Flush(Path.GetDirectoryName(path)!);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens a file and checks all of it. A last record that was being written when the process ended is cut off, and
    /// <paramref name="say"/> is told so; anything else that is wrong is refused with its place.
    /// </summary>
    internal static Outcome<(StoreFile File, ReleaseTotals Totals)> Open(string path, Secret storeKey, OwnerKeyId owner, Action<string> say)
    {
        SafeFileHandle handle = OpenHandle(path);
        AesGcm? cipher = null;
        try
        {
            long length = RandomAccess.GetLength(handle);
            byte[] header = Read(handle, 0, (int)Math.Min(length, StoreFormat.HeaderBytes));
            Outcome<InstanceSalt> salt = StoreFormat.ReadHeader(header, owner);
            if (!salt.Succeeded)
            {
                handle.Dispose();
                return new Failure(salt.Failure.Kind, $"{path}: {salt.Failure.Message}");
            }

            cipher = CipherOf(storeKey, salt.Value);
            StoreFile file = new(handle, cipher, StoreFormat.ChainOf(header), 0, StoreFormat.HeaderBytes);
            ReleaseTotals totals = new();
            Failure? failure = file.ReadRecords(path, length, totals, say);
            if (failure is null)
            {
                return (file, totals);
            }

            file.Dispose();
            return failure;
        }
        catch
        {
            cipher?.Dispose();
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Adds a record at the end; it survives once <see cref="Flush"/> has returned.</summary>
    internal void Write(ReadOnlySpan<byte> content)
    {
        byte[] record = StoreFormat.Seal(_cipher, _chain, _number, content);
        WriteBytes(record);
        _chain = StoreFormat.Next(_chain, record);
        _number++;
    }

    internal void Flush() => RandomAccess.FlushToDisk(_handle);

    public void Dispose()
    {
        _handle.Dispose();
        _cipher.Dispose();
    }

    private void WriteBytes(byte[] bytes)
    {
        RandomAccess.Write(_handle, bytes, Length);
        Length += bytes.Length;
    }

    private Failure? ReadRecords(string path, long end, ReleaseTotals totals, Action<string> say)
    {
        while (Length < end)
        {
            byte[] head = Read(_handle, Length, (int)Math.Min(StoreFormat.RecordHeadBytes, end - Length));
            int? content = head.Length == StoreFormat.RecordHeadBytes ? StoreFormat.ReadHead(head, _chain, _number) : null;
            long recordBytes = StoreFormat.RecordHeadBytes + (content ?? 0) + StoreFormat.TagBytes;
            if (head.Length < StoreFormat.RecordHeadBytes || (content is not null && end - Length < recordBytes) || (content is null && IsZero(end)))
            {
                // The first record is written with the file, whole or not at all.
                return _number == 0 ? Altered(path, "the first record is cut") : CutOff(path, end, say);
            }

            if (content is null)
            {
                return Altered(path, "what begins here is not the next record");
            }

            byte[] record = Read(_handle, Length, (int)recordBytes);
            if (StoreFormat.Open(_cipher, _chain, _number, record) is not { } opened || !StoreFormat.TryAdd(totals, opened))
            {
                return Altered(path, "the record does not open");
            }

            _chain = StoreFormat.Next(_chain, record);
            _number++;
            Length += record.Length;
        }

        return _number == 0 ? Altered(path, "the first record is missing") : null;
    }

    private Failure? CutOff(string path, long end, Action<string> say)
    {
        say($"{path}: record {_number} at byte {Length} was being written when the broker ended, and was never answered: its {end - Length} bytes are cut off");
        RandomAccess.SetLength(_handle, Length);
        Flush();
        return null;
    }

    /// <summary>A crash of the machine may leave zeros where bytes were to be.</summary>
    private bool IsZero(long end)
    {
        for (long at = Length; at < end; at += 1 << 16)
        {
            if (Read(_handle, at, (int)Math.Min(1 << 16, end - at)).AsSpan().ContainsAnyExcept((byte)0))
            {
                return false;
            }
        }

        return true;
    }

    private Failure Altered(string path, string what) => new(
        FailureKind.Integrity,
        $"{path}: record {_number} at byte {Length}: {what}. The store was altered, or its disk lost data; nothing is released from it. Restore the newest copy, or begin a new store knowing that activations are counted anew");

    private static AesGcm CipherOf(Secret storeKey, InstanceSalt salt)
    {
        using Secret key = KeySchedule.InstanceKey(storeKey, salt, "broker store"u8);
        return new AesGcm(key.Bytes, StoreFormat.TagBytes);
    }

    private static SafeFileHandle OpenHandle(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    private static byte[] Read(SafeFileHandle handle, long offset, int length)
    {
        byte[] bytes = new byte[length];
        for (int read = 0; read < length;)
        {
            int got = RandomAccess.Read(handle, bytes.AsSpan(read), offset + read);
            read += got > 0 ? got : throw new IOException("the store's file became shorter while it was read");
        }

        return bytes;
    }
}
