using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>
/// One value on its way to the clouds, chunk by chunk: sealed, coded, put at n - f clouds each. Memory is bounded by the chunks
/// that are under way: a cloud that is too far behind is left out of a chunk, which is then under-replicated. One caller at a time.
/// </summary>
internal sealed class ValueUpload : IDisposable
{
    /// <summary>How many chunks a cloud may be behind before it is left out: what they take of memory is bounded by it.</summary>
    private const int LagMax = 2;

    /// <summary>A cloud that is too far behind is waited for, unless no put of it has ended for so long, and for two chunks' time.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly StoreContext _context;
    private readonly StoreView _view;
    private readonly UnitName _unit;
    private readonly ValueSettings _settings;
    private readonly ValueKey _key;
    private readonly UploadJournal? _journal;
    private readonly ChunkCipher? _cipher;
    private readonly ErasureCode _code;
    private readonly BlockIndexBuilder _index;
    private readonly StripeBuffers _buffers;
    private readonly SlotProgress _progress;
    private readonly Queue<Task<Failure?>> _underWay = new();
    private readonly List<Completion> _finishing = [];
    private readonly TimeSpan _begun;
    private readonly TimeSpan[] _endedAt; // when a put of each cloud last ended
    private TimeSpan _waited;

    internal ValueUpload(StoreContext context, StoreView view, UnitName unit, ValueSettings settings, ValueKey key, UploadJournal? journal)
    {
        (_context, _view, _unit, _settings, _key, _journal) = (context, view, unit, settings, key, journal);
        Quorum quorum = view.Quorum;
        bool isSealed = settings.Protocol == UnitProtocol.Sealed;
        _cipher = isSealed ? new ChunkCipher(key.Key, key.Value) : null;
        _code = new ErasureCode(isSealed ? quorum.OneCorrect : 1, quorum.Clouds);
        _index = new BlockIndexBuilder(quorum.Clouds, UnitLimits.IndexBytesMax / (quorum.Clouds * ContentDigest.SizeBytes));
        _buffers = new StripeBuffers(_code, settings.ChunkBytes + (isSealed ? ChunkCipher.TagBytes : 0), isSealed ? Secret.KeyBytes : 0);
        _begun = context.Clock.Elapsed;
        _endedAt = [.. Enumerable.Repeat(_begun, quorum.Clouds)];
        _progress = new SlotProgress(quorum.Clouds);
    }

    /// <summary>What each cloud has of it.</summary>
    internal SlotProgress Progress => _progress;

    /// <summary>Chunks that were there already.</summary>
    internal int ChunksResumed { get; private set; }

    /// <summary>The source is not what an earlier upload under this key sent: it has to begin anew, under another.</summary>
    internal bool HasChanged { get; private set; }

    /// <summary>Ends when no put is under way any more; asked for once no more chunks are added.</summary>
    internal async Task FinishedAsync()
    {
        foreach (Completion finishing in _finishing.ToArray())
        {
            await finishing.WaitAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends the next chunk: all of them but the last have the full length. <paramref name="plain"/> is the caller's again when it returns.</summary>
    internal async ValueTask<Failure?> AddAsync(ReadOnlyMemory<byte> plain, CancellationToken cancellationToken)
    {
        if (!_index.HasRoom)
        {
            return new Failure(FailureKind.TooLarge, $"{_unit}: a value of chunks of {_settings.ChunkBytes} bytes has at most {_index.Chunks}; take longer chunks");
        }

        while (_underWay.Count >= _context.Options.ChunksUnderWay)
        {
            if (await _underWay.Dequeue().ConfigureAwait(false) is { } failure)
            {
                return failure;
            }
        }

        await WaitForLateAsync(cancellationToken).ConfigureAwait(false);
        int chunk = _index.Chunks;
        byte[] stripe = _buffers.Rent(plain.Length);
        CloudObject[] objects = Code(chunk, plain, stripe);
        ContentDigest[] digests = _settings.Protocol == UnitProtocol.Sealed
            ? [.. objects.Select(block => ContentDigest.Of(block.Content.Span))]
            : [.. Enumerable.Repeat(ContentDigest.Of(objects[0].Content.Span), objects.Length)];
        _index.Add(digests);
        if (_journal?.Find(chunk) is { } noted)
        {
            if (!noted.Digests.SequenceEqual(digests))
            {
                HasChanged = true;
                _buffers.Return(stripe);
                return new Failure(FailureKind.Mismatch, $"{_unit}: the source is not what an earlier upload sent of it, from chunk {chunk} on");
            }

            if (noted.IsStored)
            {
                ChunksResumed++;
                _buffers.Return(stripe);
                return null;
            }
        }
        else if (_journal is not null)
        {
            await _journal.NoteAsync(chunk, digests, isStored: false, cancellationToken).ConfigureAwait(false);
        }

        _underWay.Enqueue(PutAsync(chunk, objects, stripe, digests, cancellationToken));
        return null;
    }

    /// <summary>Waits for n - f clouds to have everything, the index too, and gives the descriptor.</summary>
    internal async ValueTask<Outcome<ValueDescriptor>> EndAsync(long valueBytes, CancellationToken cancellationToken)
    {
        BlockIndex index = _index.Build();
        bool isInside = index.Bytes.Length <= UnitLimits.IndexInsideBytesMax;
        if (!isInside)
        {
            CloudObject[] item = [new(UnitObjects.Index(_unit, _key.Value), index.Bytes)];
            _underWay.Enqueue(WaitAsync(new QuorumPut(_view.Quorum, _ => item) { SlotBegun = _progress.Begun, SlotEnded = _progress.Ended }));
        }

        while (_underWay.TryDequeue(out Task<Failure?>? put))
        {
            if (await put.ConfigureAwait(false) is { } failure)
            {
                return failure;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return new ValueDescriptor
        {
            Protocol = _settings.Protocol,
            KeyMode = _settings.KeyMode,
            Clouds = _view.Quorum.Clouds,
            BlocksNeeded = _code.DataBlocks,
            Value = _key.Value,
            ValueBytes = valueBytes,
            ChunkBytes = _settings.ChunkBytes,
            Index = isInside ? index : null,
            IndexDigest = isInside ? default : ContentDigest.Of(index.Bytes.Span),
            Commitments = _key.Commitments(),
            Wraps = _settings.KeyMode == UnitKeyMode.Sealed ? _key.Wrap(_view.Configuration.Store, Readers(), _context.Entropy) : [],
        }.Freeze();
    }

    public void Dispose() => _cipher?.Dispose();

    /// <summary>The configuration's readers, the owner's own key, and the writer's.</summary>
    private IEnumerable<HpkePublicKey> Readers() => [.. _view.Configuration.Readers, _context.Keys.Reading.PublicKey];

    private CloudObject[] Code(int chunk, ReadOnlyMemory<byte> plain, byte[] stripe)
    {
        string name = UnitObjects.Block(_unit, _key.Value, chunk);
        int clouds = _code.Blocks;
        if (_cipher is null)
        {
            plain.CopyTo(stripe);
            CloudObject copy = new(name, stripe.AsMemory(0, plain.Length));
            return [.. Enumerable.Repeat(copy, clouds)];
        }

        int coded = plain.Length + ChunkCipher.TagBytes;
        int blockBytes = _code.BlockBytes(coded);
        Span<byte> whole = stripe.AsSpan(0, blockBytes * clouds);
        _cipher.Seal(chunk, plain.Span, whole[..coded]);
        whole[coded..(blockBytes * _code.DataBlocks)].Clear();
        _code.AddParity(whole);
        if (chunk > 0 || _settings.KeyMode != UnitKeyMode.Shared)
        {
            return [.. Enumerable.Range(0, clouds).Select(slot => new CloudObject(name, stripe.AsMemory(slot * blockBytes, blockBytes)))];
        }

        // Shares come first: the blocks move apart, the last one before.
        int objectBytes = Secret.KeyBytes + blockBytes;
        for (int slot = clouds - 1; slot >= 0; slot--)
        {
            stripe.AsSpan(slot * blockBytes, blockBytes).CopyTo(stripe.AsSpan((slot * objectBytes) + Secret.KeyBytes));
            _key.Share(slot).CopyTo(stripe.AsSpan(slot * objectBytes));
        }

        return [.. Enumerable.Range(0, clouds).Select(slot => new CloudObject(name, stripe.AsMemory(slot * objectBytes, objectBytes)))];
    }

    /// <summary>
    /// Waits for a cloud that is too far behind as long as its puts end, and until the upload takes twice its time: some unevenness is
    /// no reason to leave it out, and one that hangs or is much slower none to be slow.
    /// </summary>
    private async ValueTask WaitForLateAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Completion change = _progress.NextEnd(_context.Background.Continuations);
            TimeSpan now = _context.Clock.Elapsed;
            TimeSpan worked = now - _begun - _waited;
            TimeSpan patience = s_patience + (2 * worked / Math.Max(1, _index.Chunks));
            TimeSpan left = TimeSpan.Zero;
            foreach (int slot in _progress.Lagging(LagMax))
            {
                TimeSpan more = _endedAt[slot] + patience - now;
                left = more > left ? more : left;
            }

            TimeSpan most = s_patience + worked - _waited;
            left = left < most ? left : most;
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            using CancellationTokenSource timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _context.Background.Add(CompleteAfterAsync(change, left, timer.Token));
            await change.WaitAsync().ConfigureAwait(false);
            Stop(timer);
            _waited += _context.Clock.Elapsed - now;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    // Not CancelAsync, which goes on on another thread.
    private static void Stop(CancellationTokenSource timer) => timer.Cancel();

    private async Task CompleteAfterAsync(Completion change, TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await _context.Clock.Delay(delay, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // There was a change, or nobody waits.
        }

        change.Complete();
    }

    private async Task<Failure?> PutAsync(
        int chunk, CloudObject[] objects, byte[] stripe, ContentDigest[] digests, CancellationToken cancellationToken)
    {
        QuorumPut core = new(_view.Quorum, slot => [objects[slot]])
        {
            HeldBack = _progress.Lagging(LagMax),
            SlotBegun = _progress.Begun,
            SlotEnded = (slot, stored) =>
            {
                _endedAt[slot] = _context.Clock.Elapsed;
                _progress.Ended(slot, stored);
            },
        };
        Failure? failure = await WaitAsync(core, () => _buffers.Return(stripe)).ConfigureAwait(false);
        if (failure is null && _journal is not null)
        {
            await _journal.NoteAsync(chunk, digests, isStored: true, cancellationToken).ConfigureAwait(false);
        }

        return failure;
    }

    private async Task<Failure?> WaitAsync(QuorumPut core, Action? whenFinished = null)
    {
        (Task<PutResult> result, Completion finished) = _view.Shell.Write(core);
        _finishing.RemoveAll(finishing => finishing.IsComplete);
        _finishing.Add(finished);
        if (whenFinished is not null)
        {
            _context.Background.Add(FinishAsync(finished, whenFinished));
        }

        PutResult put = await result.ConfigureAwait(false);
        return put.Succeeded
            ? null
            : new Failure(
                FailureKind.Io,
                $"{_unit}: fewer than {_view.Quorum.Enough} of {_view.Quorum.Clouds} clouds took a block ({core.Reports.Text(_view.NameOf)})");
    }

    private static async Task FinishAsync(Completion finished, Action then)
    {
        await finished.WaitAsync().ConfigureAwait(false);
        then();
    }
}
