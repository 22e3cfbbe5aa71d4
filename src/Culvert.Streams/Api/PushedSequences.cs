namespace Culvert.Streams;

/// <summary>An asynchronous sequence: what is there is taken, and the wake-up call comes when there is more.</summary>
internal sealed class AsyncSourceSpec<T>(IAsyncEnumerable<T> rows) : SequenceSourceSpec(RowShape<T>.Instance.Schema)
{
    public override bool IsReplayable => false;

    public override string Description => $"an IAsyncEnumerable<{RowShapeReflection.NameOf(typeof(T))}>";

    public override IRowSource Open(PartitionId partition) => new Reading(rows);

    private sealed class Reading : IRowSource
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly IAsyncEnumerator<T> _rows;
        private readonly RowWriter<T> _writer = new();
        private Task<bool>? _moving;

        internal Reading(IAsyncEnumerable<T> rows) => _rows = rows.GetAsyncEnumerator(_stop.Token);

        public long Position { get; private set; }

        public Action? Wake { get; set; }

        public void Seek(long position) => throw new NotSupportedException("an IAsyncEnumerable cannot be read from a position");

        public RowSourceStep Next(int rowsMax, out Batch? batch)
        {
            bool ended = false;
            while (_writer.Count < rowsMax && !ended)
            {
                _moving ??= _rows.MoveNextAsync().AsTask();
                if (!_moving.IsCompleted)
                {
                    break;
                }

                // Finished: this throws what the sequence threw, and waits for nothing.
                ended = !_moving.GetAwaiter().GetResult();
                if (!ended)
                {
                    _writer.Append(_rows.Current);
                    _moving = null;
                }
            }

            int count = _writer.Count;
            batch = count == 0 ? null : _writer.Build();
            Position += count;
            if (batch is not null)
            {
                return RowSourceStep.Batch;
            }

            if (!ended)
            {
                _moving!.ContinueWith(_ => Wake?.Invoke(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            return ended ? RowSourceStep.End : RowSourceStep.NotYet;
        }

        public void Dispose()
        {
            _stop.Cancel();
            Task disposed = DisposeRows();
            _ = disposed.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        /// <summary>An enumerator may not be disposed while it moves.</summary>
        private async Task DisposeRows()
        {
            if (_moving is { } moving)
            {
                await ((Task)moving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }

            await _rows.DisposeAsync().ConfigureAwait(false);
            _stop.Dispose();
        }
    }
}

/// <summary>
/// A push sequence. Events wait in a buffer of <see cref="BufferedRowsMax"/>; when it is full, <c>OnNext</c> does not return
/// until there is room: the producer is slowed down, and nothing is dropped.
/// </summary>
internal sealed class ObservableSourceSpec<T>(IObservable<T> rows) : SequenceSourceSpec(RowShape<T>.Instance.Schema)
{
    /// <summary>Two batches or so: enough that producer and reader need not take turns.</summary>
    internal const int BufferedRowsMax = 16_384;

    public override bool IsReplayable => false;

    public override string Description => $"an IObservable<{RowShapeReflection.NameOf(typeof(T))}>";

    public override IRowSource Open(PartitionId partition) => new Reading(rows);

    private sealed class Reading(IObservable<T> rows) : IRowSource, IObserver<T>
    {
        private readonly Lock _gate = new();
        private readonly SemaphoreSlim _room = new(BufferedRowsMax, BufferedRowsMax);
        private readonly Queue<T> _buffer = new();
        private readonly RowWriter<T> _writer = new();
        private IDisposable? _subscription;
        private Exception? _error;
        private bool _started;
        private bool _ended;
        private bool _waiting;
        private volatile bool _disposed;

        public long Position { get; private set; }

        public Action? Wake { get; set; }

        public void Seek(long position) => throw new NotSupportedException("an IObservable cannot be read from a position");

        public RowSourceStep Next(int rowsMax, out Batch? batch)
        {
            batch = null;
            if (!_started)
            {
                // On a thread of the pool: a cold observable pushes all its events from within Subscribe.
                _started = true;
                ThreadPool.QueueUserWorkItem(static reading => reading.Start(), this, preferLocal: false);
            }

            lock (_gate)
            {
                int count = Math.Min(rowsMax, _buffer.Count);
                if (count == 0 && !_ended)
                {
                    _waiting = true;
                    return RowSourceStep.NotYet;
                }

                if (count == 0)
                {
                    return _error is null ? RowSourceStep.End : throw new InvalidOperationException($"the observable failed: {_error.Message}", _error);
                }

                for (int i = 0; i < count; i++)
                {
                    _writer.Append(_buffer.Dequeue());
                }

                _room.Release(count);
            }

            batch = _writer.Build();
            Position += batch.Count;
            return RowSourceStep.Batch;
        }

        public void OnNext(T value)
        {
            if (_disposed)
            {
                return;
            }

            _room.Wait();
            Change(() => _buffer.Enqueue(value));
        }

        public void OnError(Exception error) => Change(() => (_error, _ended) = (error, true));

        public void OnCompleted() => Change(() => _ended = true);

        public void Dispose()
        {
            _disposed = true;
            _subscription?.Dispose();

            // A producer that waits for room goes on, and what it brings is not read any more.
            lock (_gate)
            {
                int waiting = BufferedRowsMax - _room.CurrentCount;
                _buffer.Clear();
                if (waiting > 0)
                {
                    _room.Release(waiting);
                }
            }
        }

        private void Start()
        {
            try
            {
                _subscription = rows.Subscribe(this);
            }
            catch (Exception e)
            {
                OnError(e);
            }

            if (_disposed)
            {
                _subscription?.Dispose();
            }
        }

        private void Change(Action change)
        {
            bool wake;
            lock (_gate)
            {
                change();
                wake = _waiting;
                _waiting = false;
            }

            if (wake)
            {
                Wake?.Invoke();
            }
        }
    }
}
