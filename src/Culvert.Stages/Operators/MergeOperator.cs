using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Passes the rows of all its inputs on, without columns that were only there to choose a partition.</summary>
internal sealed class MergeOperator(Schema schema) : Operator
{
    internal override void Process(int input, Batch batch) => Emit(Narrow(batch, schema));

    /// <summary>The batch with just the leading columns that <paramref name="schema"/> has; takes over and gives ownership.</summary>
    internal static Batch Narrow(Batch batch, Schema schema)
    {
        if (batch.Schema.Count == schema.Count)
        {
            return batch;
        }

        Column[] columns = new Column[schema.Count];
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = batch[i].Retain();
        }

        Batch narrow = new(schema, columns, batch.Count);
        batch.Dispose();
        return narrow;
    }
}
