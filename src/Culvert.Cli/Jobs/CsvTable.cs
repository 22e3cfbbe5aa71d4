using System.Collections.Immutable;
using Culvert.Engine;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Jobs;

/// <summary>Reads a small file of CSV as the table of a lookup.</summary>
internal static class CsvTable
{
    internal static Outcome<LookupTable> Read(string path, string on, ColumnType onType, IReadOnlyList<string> add)
    {
        CsvSourceSettings settings = new()
        {
            Inputs = [path],
            Wanted = [on, .. add],
            PartitionCount = 1,
            Csv = new CsvOptions { Header = CsvHeader.Present, Types = KeyType(on, onType) },
        };
        List<KeyValuePair<object, object?[]>> rows = [];
        try
        {
            using CsvSource source = CsvSource.Open(settings);
            using ISourcePartition partition = source.Open(new PartitionId(0), default);
            while (partition.ReadRound(Add, CancellationToken.None).Kind != SourceStepKind.End)
            {
            }

            return new LookupTable(Path.GetFileName(path), onType, new Schema(source.Schema.Fields.Skip(1)), rows);
        }
        catch (Exception failure) when (failure is SourceFailedException or ArgumentException)
        {
            return new Failure(FailureKind.Malformed, failure.Message.Split(" (Parameter")[0]);
        }

        void Add(Batch batch)
        {
            using (batch)
            {
                if (rows.Count + batch.Count > LookupTable.RowsMax)
                {
                    throw new SourceFailedException($"{path}: a table has at most {LookupTable.RowsMax} rows, and this has more");
                }

                for (int row = 0; row < batch.Count; row++)
                {
                    object?[] values = batch.GetRow(row);
                    rows.Add(KeyValuePair.Create(values[0]!, values[1..]));
                }
            }
        }
    }

    private static ImmutableDictionary<string, ColumnType> KeyType(string on, ColumnType onType) =>
        ImmutableDictionary<string, ColumnType>.Empty.Add(on, onType);
}
