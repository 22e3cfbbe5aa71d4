using System.Threading.Channels;
using Culvert.Attestation;
using Culvert.Sealing;

namespace Culvert.KeyBroker;

/// <summary>
/// A broker's memory in a folder (docs/specs/key-release.md, "Store"): sealed records, flushed to the disk before an answer
/// leaves, in a chain that is checked whole at start. Survives the end of the process at any moment. That the whole folder is an
/// older copy it cannot see. Records that wait together share one flush. Thread safe.
/// </summary>
public sealed class BrokerStore : IReleaseLog, IAsyncDisposable
{
    /// <summary>The records' file.</summary>
    public const string FileName = "releases.log";

    internal const string NextSuffix = ".next";

    /// <summary>A file longer than this is written anew with the totals alone: some 40,000 releases.</summary>
    internal const long CompactBytesDefault = 8 << 20;

    private const string LockName = "in-use";

    /// <summary>Records that wait to be written; more have to wait themselves.</summary>
    private const int WaitingMax = 1024;

    private readonly string _path;
    private readonly Secret _key;
    private readonly OwnerKeyId _owner;
    private readonly IEntropy _entropy;
    private readonly long _compactBytes;
    private readonly FileStream _inUse;
    private readonly ReleaseTotals _totals;
    private readonly ReleaseTotals _atStart;
    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private readonly Task _writing;
    private StoreFile _file;
    private long _compactAt;

    private BrokerStore(string path, Secret key, OwnerKeyId owner, IEntropy entropy, long compactBytes, FileStream inUse, StoreFile file, ReleaseTotals totals)
    {
        (_path, _key, _owner, _entropy, _compactBytes, _inUse, _file, _totals) = (path, key, owner, entropy, compactBytes, inUse, file, totals);
        _atStart = totals.Copy();
        _compactAt = compactBytes;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>
    /// Opens the store of an owner in a folder, or begins one. Refused with the place when its records were altered, when it is
    /// another owner's, or when another broker uses it. <paramref name="say"/> is told what a person should know.
    /// </summary>
    public static Outcome<BrokerStore> Open(string folder, Secret owner, IEntropy entropy, Action<string> say) =>
        Open(folder, owner, entropy, say, CompactBytesDefault);

    internal static Outcome<BrokerStore> Open(string folder, Secret owner, IEntropy entropy, Action<string> say, long compactBytes)
    {
        string path = Path.Combine(Path.GetFullPath(folder), FileName);
        Secret? key = null;
        FileStream? inUse = null;
        try
        {
            CreateFolder(folder);
            inUse = new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            key = KeySchedule.BrokerStoreKey(owner);
            OwnerKeyId id = KeySchedule.KeyId(owner);

            // What a compaction left that did not come to its end.
            File.Delete(path + NextSuffix);
            if (!File.Exists(path))
            {
                say($"{folder}: a new store is begun: nothing is known of earlier releases");
                ReleaseTotals none = new();
                return new BrokerStore(path, key, id, entropy, compactBytes, inUse, StoreFile.Create(path, key, id, new byte[StoreFormat.ChainBytes], none, entropy), none);
            }

            Outcome<(StoreFile File, ReleaseTotals Totals)> opened = StoreFile.Open(path, key, id, say);
            if (opened.Succeeded)
            {
                return new BrokerStore(path, key, id, entropy, compactBytes, inUse, opened.Value.File, opened.Value.Totals);
            }

            inUse.Dispose();
            key.Dispose();
            return opened.Failure;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            bool isLocked = inUse is null && failure is IOException && File.Exists(Path.Combine(folder, LockName));
            string why = isLocked ? "another broker uses it; end that one, or give this one a store of its own (--store), which then counts activations apart" : failure.Message;
            inUse?.Dispose();
            key?.Dispose();
            return new Failure(FailureKind.Io, $"{folder}: the store cannot be opened: {why}");
        }
    }

    /// <inheritdoc/>
    public ReleaseTotals Read() => _atStart.Copy();

    /// <inheritdoc/>
    public async ValueTask<Failure?> AppendAsync(ReleaseRecord record, CancellationToken cancellationToken)
    {
        Waiting waiting = new(record);
        try
        {
            await _waiting.Writer.WriteAsync(waiting, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            return new Failure(FailureKind.Io, "the store is closed");
        }

        // Once it waits it may be written, so whoever asks has to know: cancelling does not stop waiting any more.
        return await waiting.Done.Task.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        _file.Dispose();
        _key.Dispose();
        await _inUse.DisposeAsync().ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        List<Waiting> batch = [];
        Failure? broken = null;
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            batch.Clear();
            while (batch.Count < WaitingMax && _waiting.Reader.TryRead(out Waiting? next))
            {
                batch.Add(next);
            }

            // After a failure nobody knows what is on the disk: nothing is written behind it.
            broken ??= TryWrite(batch);
            foreach (Waiting waiting in batch)
            {
                waiting.Done.SetResult(broken);
            }

            broken ??= TryCompact();
        }
    }

    private Failure? TryWrite(List<Waiting> batch)
    {
        try
        {
            foreach (Waiting waiting in batch)
            {
                _file.Write(StoreFormat.Write(waiting.Record));
                _totals.Add(waiting.Record);
            }

            _file.Flush();
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"{_path}: {failure.Message}");
        }
    }

    private Failure? TryCompact()
    {
        if (_file.Length < _compactAt)
        {
            return null;
        }

        try
        {
            StoreFile next = StoreFile.Create(_path, _key, _owner, _file.Chain, _totals, _entropy);
            _file.Dispose();
            _file = next;
            _compactAt = Math.Max(_compactBytes, 2 * next.Length);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It may have its name already, or not: what is written to the old file could be lost.
            return new Failure(FailureKind.Io, $"{_path}: {failure.Message}");
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private sealed class Waiting(ReleaseRecord record)
    {
        internal ReleaseRecord Record { get; } = record;

        internal TaskCompletionSource<Failure?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
