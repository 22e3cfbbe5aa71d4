using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Computes each column anew.</summary>
internal sealed class SelectOperator(SelectNode node) : Operator
{
    private readonly Kernel[] _kernels = [.. node.Columns.Select(c => Kernel.Compile(c.Value))];

    internal override void Process(int input, Batch batch)
    {
        Column[] columns = new Column[_kernels.Length];
        int done = 0;
        try
        {
            for (; done < columns.Length; done++)
            {
                columns[done] = _kernels[done].Evaluate(batch);
            }
        }
        catch (RowFailedException failure) when (Note(failure, batch))
        {
            throw;
        }

        Batch selected = new(node.Schema, columns, batch.Count);
        batch.Dispose();
        Emit(selected);
    }
}
