using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>A CSV file as the static table of a lookup.</summary>
public static class CsvTable
{
    /// <summary>
    /// Reads the columns <paramref name="add"/> by the values of <paramref name="on"/>; rows without a key are left out.
    /// Throws <see cref="SourceFailedException"/> for a file that cannot be read, <see cref="ArgumentException"/> for a key
    /// that occurs twice.
    /// </summary>
    public static LookupTable Read(string path, string on, ColumnType onType, IReadOnlyList<string> add)
    {
        CsvSourceSettings settings = new()
        {
            Inputs = [path],
            PartitionCount = 1,
            Wanted = [on, .. add.Where(a => a != on)],
            Csv = new CsvOptions { Types = System.Collections.Immutable.ImmutableDictionary<string, ColumnType>.Empty.Add(on, onType) },
        };
        using CsvSource source = CsvSource.Open(settings);
        Schema values = new(add.Select(a => source.Schema[source.Schema.IndexOf(a)]));
        List<KeyValuePair<object, object?[]>> rows = [];
        using ISourcePartition partition = source.Open(new PartitionId(0), default);
        while (partition.ReadRound(Add, CancellationToken.None).Kind != SourceStepKind.End)
        {
        }

        return new LookupTable(Path.GetFileName(path), onType with { Nullable = false }, values, rows);

        void Add(Batch batch)
        {
            int[] columns = [.. add.Select(batch.Schema.IndexOf)];
            int key = batch.Schema.IndexOf(on);
            for (int row = 0; row < batch.Count; row++)
            {
                if (batch[key].GetValue(row) is { } value)
                {
                    rows.Add(new(value, [.. columns.Select(c => batch[c].GetValue(row))]));
                }
            }

            batch.Dispose();
        }
    }
}
