using System.Text;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Sources;

/// <summary>Standard input, and files that grow.</summary>
public class CsvGrowingInputTests
{
    private static readonly CsvOptions Options = new() { Columns = [new CsvColumn("id", new ColumnType(ValueKind.Int32)), new CsvColumn("text", new ColumnType(ValueKind.Text))] };

    [Fact]
    public void A_followed_file_gives_whole_rows_as_they_come_and_goes_on_where_it_was()
    {
        using CsvFolder folder = new();
        string path = folder.Write("grow.csv", "id,text\n1,a\n2,");
        CsvSourceSettings settings = new() { Inputs = [path], Follow = true, Csv = Options };
        byte[] position;
        byte[] identity;
        using (CsvSource source = CsvSource.Open(settings))
        using (ISourcePartition partition = source.Open(new PartitionId(0), default))
        {
            identity = source.Identity.ToArray();
            Assert.Equal(1, source.PartitionCount);
            Assert.Null(source.TotalBytes);
            Assert.Equal(["1|a"], Round(partition));
            Assert.Equal(SourceStepKind.Wait, partition.ReadRound(b => b.Dispose(), CancellationToken.None).Kind);
            File.AppendAllText(path, "b\n3,\"c\n");
            Assert.Equal(["2|b"], Round(partition));
            position = CsvFolder.Position(partition);
            File.AppendAllText(path, "d\"\n");
            Assert.Equal(["3|c\nd"], Round(partition));
        }

        using CsvSource resumed = CsvSource.Open(settings);
        Assert.True(resumed.CheckIdentity(identity).Succeeded);
        using ISourcePartition again = resumed.Open(new PartitionId(0), position);
        Assert.Equal(["3|c\nd"], Round(again));
        File.WriteAllText(path, "id,text\n");
        SourceFailedException failed = Assert.Throws<SourceFailedException>(() => again.ReadRound(b => b.Dispose(), CancellationToken.None));
        Assert.Contains("it was cut while it was read", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Standard_input_is_read_to_its_end_without_waiting_in_a_round()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("id,text\n" + string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{i},row {i}\n")));
        using MemoryStream stream = new(bytes);
        using CsvSource source = CsvSource.Open(new CsvSourceSettings { Inputs = ["-"], Csv = Options }, standardInput: stream);
        using ISourcePartition partition = source.Open(new PartitionId(0), default);
        using SemaphoreSlim woken = new(0);
        partition.Wake = () => woken.Release();
        List<string> rows = [];
        while (true)
        {
            SourceStep step = partition.ReadRound(batch => CsvFolder.Add(rows, batch), TestContext.Current.CancellationToken);
            if (step.Kind == SourceStepKind.End)
            {
                break;
            }

            if (step.Kind == SourceStepKind.Wait)
            {
                woken.Wait(step.WaitFor, TestContext.Current.CancellationToken);
            }
        }

        Assert.Equal(Enumerable.Range(0, 200_000).Select(i => $"{i}|row {i}"), rows);
        Assert.Equal(200_000, partition.Counts.Rows);
        Assert.False(source.CheckIdentity(source.Identity.Span).Succeeded);
    }

    private static List<string> Round(ISourcePartition partition)
    {
        List<string> rows = [];
        Assert.Equal(SourceStepKind.Round, partition.ReadRound(batch => CsvFolder.Add(rows, batch), CancellationToken.None).Kind);
        return rows;
    }
}
