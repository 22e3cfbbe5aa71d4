using System.Buffers;
using System.Buffers.Binary;
using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>A fold whose result shows the order of a key's events: state = 31 * state + value. Per event, or once at the end.</summary>
internal sealed class OrderFold(Schema input, int column, bool perEvent) : FoldCode
{
    public override Schema Input => input;

    public override Schema Output { get; } = new(new Field("order", new ColumnType(ValueKind.Int64)));

    public override string Identity => $"order of {column}, {(perEvent ? "per event" : "at the end")}";

    public override string Description => Identity;

    public override bool EmitsPerEvent => perEvent;

    public override IFoldInstance Create() => new Instance(this, column);

    private sealed class Instance(OrderFold fold, int column) : IFoldInstance
    {
        private readonly List<long> _states = [];

        public void Load(int group, ReadOnlySpan<byte> state)
        {
            Reach(group);
            _states[group] = BinaryPrimitives.ReadInt64LittleEndian(state);
        }

        public Batch? Fold(Batch batch, ReadOnlySpan<int> groups, ulong seed)
        {
            FixedColumnBuilder<long> results = new(new ColumnType(ValueKind.Int64));
            ReadOnlySpan<int> values = batch.Fixed<int>(column).Values;
            for (int row = 0; row < batch.Count; row++)
            {
                Reach(groups[row]);
                _states[groups[row]] = unchecked((_states[groups[row]] * 31) + values[row]);
                results.Append(_states[groups[row]]);
            }

            return fold.EmitsPerEvent ? new Batch(fold.Output, [results.Build()], batch.Count) : null;
        }

        public void Save(int group, IBufferWriter<byte> writer)
        {
            BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), _states[group]);
            writer.Advance(sizeof(long));
        }

        public Batch Finish(int groupCount)
        {
            FixedColumnBuilder<long> results = new(new ColumnType(ValueKind.Int64));
            for (int group = 0; group < groupCount; group++)
            {
                results.Append(_states[group]);
            }

            return new Batch(fold.Output, [results.Build()], groupCount);
        }

        public void Clear() => _states.Clear();

        public void Dispose()
        {
        }

        private void Reach(int group)
        {
            while (_states.Count <= group)
            {
                _states.Add(0);
            }
        }
    }
}
