namespace Culvert.Streams;

/// <summary>Hands events to .NET code: at least once, since a resumed run may repeat those of its last rounds.</summary>
public abstract class CallbackSinkSpec : SinkSpec
{
    private protected CallbackSinkSpec()
    {
    }

    /// <inheritdoc/>
    public override string Canonical => "callback";

    /// <summary>Makes the receiver of one run, for batches of a schema.</summary>
    public abstract ICallbackSink Open(Schema schema);
}

internal sealed class CallbackSinkSpec<T>(Action<T, OutputIdentity> onNext, Action<Exception>? onError, Action? onCompleted) : CallbackSinkSpec
{
    public override string Description => $"callback with {RowShapeReflection.NameOf(typeof(T))}";

    public override ICallbackSink Open(Schema schema) => new Receiver(new RowReader<T>(schema), onNext, onError, onCompleted);

    private sealed class Receiver(RowReader<T> reader, Action<T, OutputIdentity> onNext, Action<Exception>? onError, Action? onCompleted) : ICallbackSink
    {
        private readonly T[] _rows = new T[RowStage<T>.PieceRows];

        public void Receive(Batch batch, OutputIdentity first)
        {
            reader.Bind(batch);
            for (int start = 0; start < batch.Count; start += _rows.Length)
            {
                int count = Math.Min(_rows.Length, batch.Count - start);
                reader.Read(start, count, _rows);
                for (int i = 0; i < count; i++)
                {
                    onNext(_rows[i], first with { Index = first.Index + start + i });
                }
            }
        }

        public void Complete() => onCompleted?.Invoke();

        public void Fail(Exception error) => onError?.Invoke(error);
    }
}
