using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>Code that wants randomness: gives each row a number drawn with the batch's seed, so that a replay that draws others is seen.</summary>
internal sealed class LotteryCode(Schema input) : Code
{
    public override Schema Input => input;

    public override Schema Output { get; } = new([.. input.Fields, new Field("ticket", new ColumnType(ValueKind.Int64))]);

    public override string Identity => "lottery";

    public override string Description => Identity;

    public override ICodeInstance Create() => new Instance(this);

    private sealed class Instance(LotteryCode code) : ICodeInstance
    {
        public void Run(Batch batch, ulong seed, Action<Batch> emit)
        {
            FixedColumnBuilder<long> tickets = new(new ColumnType(ValueKind.Int64));
            for (int row = 0; row < batch.Count; row++)
            {
                tickets.Append(unchecked((long)(seed * (ulong)(row + 1))));
            }

            Column[] columns = [.. batch.Columns.ToArray().Select(c => c.Retain()), tickets.Build()];
            emit(new Batch(code.Output, columns, batch.Count));
        }

        public void Dispose()
        {
        }
    }
}
