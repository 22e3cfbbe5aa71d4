namespace Culvert.Streams;

/// <summary>A C# function whose value becomes further columns beside those of its input: a key, an aggregate's argument, a time.</summary>
internal sealed class ColumnsCode<T, TValue> : Code
{
    private readonly Func<T, TValue> _code;
    private readonly CodeIdentity _identity;

    internal ColumnsCode(Schema input, string prefix, Func<T, TValue> code, CodeIdentity identity)
    {
        (Input, _code, _identity) = (input, code, identity);
        Output = new Schema([.. input.Fields, .. RowShape<TValue>.Instance.Schema.Fields.Select(f => f with { Name = prefix + f.Name })]);
    }

    public override Schema Input { get; }

    public override Schema Output { get; }

    public override string Identity => $"columns({_identity.Canonical})";

    public override string Description => $"compute {_identity.Display}";

    public override ICodeInstance Create() => new Instance(this);

    private sealed class Instance(ColumnsCode<T, TValue> code) : ICodeInstance
    {
        private readonly RowReader<T> _reader = new(code.Input);
        private readonly RowWriter<TValue> _writer = new();
        private readonly T[] _rows = new T[RowStage<T>.PieceRows];
        private readonly TValue[] _values = new TValue[RowStage<T>.PieceRows];

        public void Run(Batch batch, ulong seed, Action<Batch> emit)
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
                RunPiece(start, count);
            }

            using Batch values = _writer.Build();
            Column[] more = new Column[values.Columns.Length];
            for (int i = 0; i < more.Length; i++)
            {
                more[i] = values[i].Retain();
            }

            emit(WithColumn.Append(batch, code.Output, more));
        }

        public void Dispose()
        {
        }

        private void RunPiece(int start, int count)
        {
            int i = 0;
            try
            {
                for (; i < count; i++)
                {
                    _values[i] = code._code(_rows[i]);
                }

                i = 0;
                _writer.Append(_values, count);
            }
            catch (RowFailedException e)
            {
                e.Row += start + i;
                throw;
            }
            catch (Exception e)
            {
                throw new RowFailedException(start + i, $"user code failed with {e.GetType().Name}: {e.Message}", e);
            }
        }
    }
}
