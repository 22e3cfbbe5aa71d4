using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Runs user code without state.</summary>
internal sealed class CodeOperator : Operator
{
    private readonly ICodeInstance _code;
    private readonly BatchSeeds _seeds;
    private readonly Action<Batch> _emit;

    internal CodeOperator(CodeNode node, BatchSeeds seeds)
    {
        _code = node.Code.Create();
        _seeds = seeds;
        _emit = batch => Emit(batch);
    }

    internal override void Process(int input, Batch batch)
    {
        try
        {
            _code.Run(batch, _seeds.Next(), _emit);
        }
        catch (RowFailedException failure) when (Note(failure, batch))
        {
            throw;
        }

        batch.Dispose();
    }

    internal override void CloseRound(Round round, Watermark watermark) => _seeds.StartRound(round.Next);

    internal override void Save(ByteBuffer cells) => _seeds.Save(cells);

    internal override void Restore(ReadOnlySpan<byte> cells) => _seeds.Restore(cells);

    private protected override void Release() => _code.Dispose();
}
