using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Sorts rows by the values of columns, in the order that keys have: missing first, text by bytes.</summary>
public static class RowOrder
{
    /// <summary>The rows of several batches of one schema, sorted by the given columns; equal rows keep their order.</summary>
    public static IReadOnlyList<(Batch Batch, int Row)> Sort(IReadOnlyList<Batch> batches, IReadOnlyList<int> columns)
    {
        if (batches.Count == 0)
        {
            return [];
        }

        KeyCodec[] codecs = [.. columns.Select(c => KeyCodec.Create(batches[0].Schema[c].Type))];
        ByteBuffer keys = new();
        List<(int Start, int End, int Index)> entries = [];
        List<(Batch, int)> rows = [];
        foreach (Batch batch in batches)
        {
            for (int row = 0; row < batch.Count; row++)
            {
                int start = keys.Length;
                for (int c = 0; c < codecs.Length; c++)
                {
                    codecs[c].Encode(batch[columns[c]], row, keys);
                }

                entries.Add((start, keys.Length, rows.Count));
                rows.Add((batch, row));
            }
        }

        entries.Sort((x, y) =>
        {
            int order = keys.Span[x.Start..x.End].SequenceCompareTo(keys.Span[y.Start..y.End]);
            return order != 0 ? order : x.Index.CompareTo(y.Index);
        });
        return [.. entries.Select(e => rows[e.Index])];
    }

    /// <summary>The columns by which a result is sorted for people: the window first, where there is one, then all in order.</summary>
    public static IReadOnlyList<int> ForPeople(Schema schema)
    {
        int window = schema.IndexOf(AggregateNode.WindowStart);
        IEnumerable<int> all = Enumerable.Range(0, schema.Count);
        return window < 0 ? [.. all] : [window, .. all.Where(c => c != window)];
    }
}
