using System.Buffers;

namespace Culvert.Streams;

/// <summary>C# functions that fold events into a state per key. The state is any type with a <see cref="RowShape"/>.</summary>
internal sealed class DelegateFold<T, TState, TResult> : FoldCode
{
    private readonly byte[] _seed;
    private readonly Func<TState, T, TState> _fold;
    private readonly Func<TState, TState, TState>? _merge;
    private readonly Func<TState, TResult> _finish;

    private DelegateFold(
        Schema input,
        TState seed,
        (CodeIdentity Identity, Func<TState, T, TState> Code) fold,
        (CodeIdentity Identity, Func<TState, TState, TState> Code)? merge,
        (CodeIdentity? Identity, Func<TState, TResult> Code) finish,
        bool emitsPerEvent)
    {
        RowShape<TResult> result = RowShape<TResult>.Instance;
        (Input, EmitsPerEvent, _fold, _merge, _finish) = (input, emitsPerEvent, fold.Code, merge?.Code, finish.Code);
        ArrayBufferWriter<byte> writer = new();
        StateCodec<TState>.Write(seed, writer);
        _seed = writer.WrittenSpan.ToArray();
        int time = input.IndexOf(Node.EventTimeColumn);
        Output = emitsPerEvent && time >= 0 ? new Schema([.. result.Schema.Fields, input[time]]) : result.Schema;
        Identity = $"{(emitsPerEvent ? "scan" : "aggregate")}({fold.Identity.Canonical};seed {Convert.ToHexStringLower(_seed)}"
            + $";merge {merge?.Identity.Canonical ?? "-"};finish {finish.Identity?.Canonical ?? "-"})";
        Description = $"{(emitsPerEvent ? "scan" : "aggregate")} {fold.Identity.Display}";
    }

    /// <inheritdoc/>
    public override Schema Input { get; }

    /// <inheritdoc/>
    public override Schema Output { get; }

    /// <inheritdoc/>
    public override string Identity { get; }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    public override bool EmitsPerEvent { get; }

    /// <summary>A fold that yields each state.</summary>
    internal static DelegateFold<T, TState, TResult> Each(Schema input, TState seed, Func<TState, T, TState> fold) =>
        new(input, seed, CodeIdentity.Of(fold), null, (null, Same()), emitsPerEvent: true);

    /// <summary>A fold that yields each key's last state.</summary>
    internal static DelegateFold<T, TState, TResult> Last(
        Schema input, TState seed, Func<TState, T, TState> fold, Func<TState, TState, TState>? merge, Func<TState, TResult>? finish) =>
        new(
            input,
            seed,
            CodeIdentity.Of(fold),
            merge is null ? null : CodeIdentity.Of(merge),
            finish is null ? (null, Same()) : CodeIdentity.Of(finish),
            emitsPerEvent: false);

    /// <inheritdoc/>
    public override bool HasResultForNothing => true;

    /// <inheritdoc/>
    public override IFoldInstance Create() => _merge is null ? new Instance(this) : new MergingInstance(this);

    /// <summary>The function from a state to itself; the two types are one there, which the compiler cannot know.</summary>
    private static Func<TState, TResult> Same() => (Func<TState, TResult>)(object)(Func<TState, TState>)(state => state);

    private class Instance(DelegateFold<T, TState, TResult> fold) : IFoldInstance
    {
        private readonly RowReader<T> _reader = new(fold.Input);
        private readonly RowWriter<TResult> _writer = new();
        private readonly int _time = fold.EmitsPerEvent ? fold.Input.IndexOf(Node.EventTimeColumn) : -1;
        private readonly T[] _rows = new T[RowStage<T>.PieceRows];
        private TState[] _states = [];
        private bool[] _begun = [];

        public void Load(int group, ReadOnlySpan<byte> state) => State(group) = StateCodec<TState>.Read(state);

        public Batch? Fold(Batch batch, ReadOnlySpan<int> groups, ulong seed)
        {
            if (_writer.Count > 0)
            {
                // A batch before this one failed half way.
                _writer.Build().Dispose();
            }

            _reader.Bind(batch);
            for (int start = 0; start < batch.Count; start += _rows.Length)
            {
                int count = Math.Min(_rows.Length, batch.Count - start);
                _reader.Read(start, count, _rows);
                FoldPiece(start, groups.Slice(start, count));
            }

            return fold.EmitsPerEvent ? Emitted(batch) : null;
        }

        public void Save(int group, IBufferWriter<byte> writer) => StateCodec<TState>.Write(State(group), writer);

        public Batch Finish(int groupCount)
        {
            for (int group = 0; group < groupCount; group++)
            {
                try
                {
                    _writer.Append(fold._finish(State(group)));
                }
                catch (RowFailedException e)
                {
                    e.Row = group;
                    throw;
                }
                catch (Exception e)
                {
                    throw new RowFailedException(group, $"user code failed with {e.GetType().Name}: {e.Message}", e);
                }
            }

            return _writer.Build();
        }

        public void Clear()
        {
            _states.AsSpan().Clear();
            _begun.AsSpan().Clear();
        }

        public void Dispose()
        {
        }

        private protected ref TState State(int group)
        {
            if (group >= _states.Length)
            {
                int length = Math.Max(group + 1, Math.Max(16, _states.Length * 2));
                System.Array.Resize(ref _states, length);
                System.Array.Resize(ref _begun, length);
            }

            ref TState state = ref _states[group];
            if (!_begun[group])
            {
                // Read anew for each key: a seed that is an object must not be shared by them.
                state = StateCodec<TState>.Read(fold._seed);
                _begun[group] = true;
            }

            return ref state;
        }

        private void FoldPiece(int start, ReadOnlySpan<int> groups)
        {
            int i = 0;
            try
            {
                for (; i < groups.Length; i++)
                {
                    ref TState state = ref State(groups[i]);
                    state = fold._fold(state, _rows[i]);
                    if (fold.EmitsPerEvent)
                    {
                        // At once, and not at the piece's end: user code may change a state that is an object.
                        _writer.Append(fold._finish(state));
                    }
                }
            }
            catch (RowFailedException e)
            {
                e.Row = start + i;
                throw;
            }
            catch (Exception e)
            {
                throw new RowFailedException(start + i, $"user code failed with {e.GetType().Name}: {e.Message}", e);
            }
        }

        private Batch Emitted(Batch batch)
        {
            Batch made = _writer.Build();
            if (_time < 0)
            {
                return made;
            }

            using (made)
            {
                return WithColumn.Append(made, fold.Output, batch[_time].Retain());
            }
        }
    }

    private sealed class MergingInstance(DelegateFold<T, TState, TResult> fold) : Instance(fold), IMergingFoldInstance
    {
        private readonly Func<TState, TState, TState> _merge = fold._merge!;

        public void Merge(int group, ReadOnlySpan<byte> later)
        {
            ref TState state = ref State(group);
            state = _merge(state, StateCodec<TState>.Read(later));
        }
    }
}
