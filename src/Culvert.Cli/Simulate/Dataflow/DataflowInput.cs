using System.Globalization;
using Culvert.Simulation;
using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>
/// What the sources of a plan hold, by chance: for each partition its rounds, for each round its batches. Some rounds are
/// empty, partitions end at different rounds, times run back, and sums of the amounts depend on their order.
/// </summary>
internal sealed class DataflowInput
{
    private readonly Dictionary<Producer, List<List<Row[]>>> _rounds = [];

    internal DataflowInput(Plan plan, Dice dice)
    {
        int roundsMax = dice.Between(1, 8);
        foreach (Stage stage in plan.Stages.Where(s => s.Source is not null))
        {
            for (int p = 0; p < stage.PartitionCount; p++)
            {
                List<List<Row[]>> rounds = [];
                for (int round = dice.Between(0, roundsMax); round > 0; round--)
                {
                    rounds.Add(MakeRound(dice, rounds.Count));
                }

                _rounds.Add(new Producer(stage.Id, new PartitionId(p)), rounds);
            }
        }
    }

    /// <summary>How many rounds a source's partition has.</summary>
    internal int Rounds(Producer source) => _rounds[source].Count;

    /// <summary>The batches of a round, made anew; the receiver disposes them.</summary>
    internal IEnumerable<Batch> Read(Producer source, int round, Schema schema) => _rounds[source][round].Select(rows => MakeBatch(rows, schema));

    private static List<Row[]> MakeRound(Dice dice, int round)
    {
        List<Row[]> batches = [];
        for (int batch = dice.Between(0, 2); batch > 0; batch--)
        {
            Row[] rows = new Row[dice.Between(1, 5)];
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = new Row(
                    string.Create(CultureInfo.InvariantCulture, $"k{dice.Below(5)}"),
                    dice.Below(100),
                    (dice.Below(2_000_001) - 1_000_000) * Math.Pow(10, dice.Between(-9, 9)),
                    new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds((round * 8) + dice.Between(0, 40) - (dice.Chance(0.1) ? 40 : 0)));
            }

            batches.Add(rows);
        }

        return batches;
    }

    private static Batch MakeBatch(Row[] rows, Schema schema)
    {
        Column[] columns = new Column[schema.Count];
        for (int i = 0; i < columns.Length; i++)
        {
            ColumnBuilder builder = ColumnBuilder.Create(schema[i].Type);
            foreach (Row row in rows)
            {
                builder.AppendObject(schema[i].Name switch
                {
                    "key" => row.Key,
                    "value" => row.Value,
                    "amount" => row.Amount,
                    _ => (object)row.At,
                });
            }

            columns[i] = builder.Build();
        }

        return new Batch(schema, columns, rows.Length);
    }

    private readonly record struct Row(string Key, int Value, double Amount, DateTime At);
}
