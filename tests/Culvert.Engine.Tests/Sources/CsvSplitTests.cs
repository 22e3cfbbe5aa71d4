using System.Text;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Sources;

/// <summary>However a file is cut, its rows are the same.</summary>
public class CsvSplitTests
{
    private const string Quoted = "id,text\n1,plain\n2,\"a,b\"\n3,\"line\nbreak\"\r\n4,\"say \"\"hi\"\"\"\n5,\"1,x\n2,y\n3,z\n\"\n\n6,5\" disk\n7,\"\"\n8,last";

    private static readonly string[] QuotedRows =
        ["1|plain", "2|a,b", "3|line\nbreak", "4|say \"hi\"", "5|1,x\n2,y\n3,z\n", "6|5\" disk", "7|", "8|last"];

    [Fact]
    public void Quotes_across_splits_are_exact_for_every_split_size_and_order_of_partitions()
    {
        using CsvFolder folder = new();
        string path = folder.Write("q.csv", Quoted);
        for (int split = 1; split <= Quoted.Length + 1; split++)
        {
            foreach (int partitions in new[] { 1, 2, 3, 7 })
            {
                using CsvSource source = Open(path, split, partitions);
                List<string> forwards = CsvFolder.ReadAll(source);
                Assert.Equal(QuotedRows, forwards.Order(StringComparer.Ordinal));
                using CsvSource again = Open(path, split, partitions);
                List<string> backwards = [.. Enumerable.Range(0, partitions).Reverse().SelectMany(p => CsvFolder.Read(again, p))];
                Assert.Equal(QuotedRows, backwards.Order(StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public void Random_files_read_the_same_in_one_piece_and_in_splits()
    {
        using CsvFolder folder = new();
        for (int seed = 1; seed <= 60; seed++)
        {
            string path = folder.Write("r.csv", RandomCsv(seed));
            using CsvSource whole = Open(path, 1 << 20, 1, CsvHeader.Absent);
            List<string> expected = CsvFolder.ReadAll(whole);
            MalformedRowsReport flaws = whole.MalformedRows;
            foreach (int split in new[] { 1, 2, 3, 7, 64, 100 + seed })
            {
                using CsvSource cut = Open(path, split, 3, CsvHeader.Absent);
                List<string> rows = [.. Enumerable.Range(0, 3).OrderBy(p => (p + seed) % 3).SelectMany(p => CsvFolder.Read(cut, p))];
                Assert.True(expected.Order(StringComparer.Ordinal).SequenceEqual(rows.Order(StringComparer.Ordinal)), $"seed {seed}, split {split}");
                Assert.Equal(flaws.Count, cut.MalformedRows.Count);
                Assert.Equal(flaws.First, cut.MalformedRows.First);
            }
        }
    }

    [Fact]
    public void Partitions_read_at_the_same_time_give_every_row_once()
    {
        using CsvFolder folder = new();
        StringBuilder text = new();
        for (int i = 0; i < 20_000; i++)
        {
            text.Append(i).Append(i % 10 == 0 ? ",\"a\nb,\"\"c\"\n" : ",x\n");
        }

        string path = folder.Write("big.csv", text.ToString());
        using CsvSource source = Open(path, 4096, 4, CsvHeader.Absent);
        List<string>[] rows = new List<string>[4];
        Parallel.For(0, 4, p => rows[p] = CsvFolder.Read(source, p));
        Assert.Equal(20_000, rows.Sum(r => r.Count));
        Assert.Equal(20_000, rows.SelectMany(r => r).Distinct().Count());
    }

    [Fact]
    public void Counts_are_those_of_the_files_rows_and_bytes()
    {
        using CsvFolder folder = new();
        string path = folder.Write("c.csv", "a,b\n1,2\n3\n4,5\n");
        using CsvSource source = CsvSource.Open(new CsvSourceSettings { Inputs = [path], Wanted = [], PartitionCount = 1, Csv = new CsvOptions { Malformed = MalformedRowPolicy.Skip } });
        using ISourcePartition partition = source.Open(new PartitionId(0), default);
        int counted = 0;
        while (partition.ReadRound(
            batch =>
            {
                counted += batch.Count;
                batch.Dispose();
            },
            CancellationToken.None).Kind == SourceStepKind.Round)
        {
        }

        Assert.Equal(2, counted);
        Assert.Equal(new SourceCounts(3, 14, 1), partition.Counts);
        Assert.Equal(14, source.TotalBytes);
    }

    [Fact]
    public void A_run_resumed_after_any_round_reads_what_was_left()
    {
        using CsvFolder folder = new();
        string plain = folder.Write("a.csv", Quoted);
        string packed = folder.Write("b.csv.gz", CsvFolder.Gzip(Encoding.UTF8.GetBytes(Quoted)));
        CsvSourceSettings settings = Settings([plain, packed], 10, 2);
        for (int p = 0; p < 2; p++)
        {
            using CsvSource source = CsvSource.Open(settings);
            List<string> all = CsvFolder.Read(source, p);
            List<string> before = [];
            using ISourcePartition partition = source.Open(new PartitionId(p), default);
            while (partition.ReadRound(batch => CsvFolder.Add(before, batch), CancellationToken.None).Kind == SourceStepKind.Round)
            {
                byte[] position = CsvFolder.Position(partition);
                using CsvSource resumed = CsvSource.Open(settings);
                Assert.True(resumed.CheckIdentity(source.Identity.Span).Succeeded);
                Assert.Equal(all, before.Concat(CsvFolder.Read(resumed, p, position)));
            }
        }
    }

    [Fact]
    public void Lines_are_rows_of_one_column_and_blank_ones_and_quotes_are_kept()
    {
        using CsvFolder folder = new();
        string path = folder.Write("lines.txt", "a,\"b\n\r\n\nc\0d\r\nlast");
        for (int split = 1; split < 20; split++)
        {
            CsvSourceSettings settings = new() { Inputs = [path], SplitBytes = split, PartitionCount = 1, Csv = CsvOptions.Lines };
            using CsvSource source = CsvSource.Open(settings);
            Assert.Equal("line: text", source.Schema.ToString());
            Assert.Equal(["a,\"b", "", "", "c\0d", "last"], CsvFolder.ReadAll(source));
        }
    }

    private static CsvSource Open(string path, int split, int partitions, CsvHeader header = CsvHeader.Auto) =>
        CsvSource.Open(Settings([path], split, partitions) with { Csv = Options with { Header = header } });

    private static CsvOptions Options => new()
    {
        Columns = [new CsvColumn("id", new ColumnType(ValueKind.Text)), new CsvColumn("text", new ColumnType(ValueKind.Text))],
        Malformed = MalformedRowPolicy.Skip,
    };

    private static CsvSourceSettings Settings(string[] paths, int split, int partitions) =>
        new() { Inputs = [.. paths], SplitBytes = split, CompressedRoundBytes = split, PartitionCount = partitions, Csv = Options };

    private static string RandomCsv(int seed)
    {
        ulong state = (ulong)seed;
        StringBuilder text = new("first,row\n");
        string[] fields = ["a", "bc", "\"q\"", "\"a,b\"", "\"x\ny\"", "\"\n\"", "\"\"\"\"", "5\" disk", "", "\"a\"b", "\"\n1,2\n3,4\n\""];
        for (int i = 0; i < 40; i++)
        {
            text.Append(fields[Next(fields.Length)]);
            if (Next(20) != 0)
            {
                text.Append(',').Append(fields[Next(fields.Length)]);
            }

            text.Append(Next(3) == 0 ? "\r\n" : "\n");
        }

        return text.Append(Next(3) == 0 ? "1,\"open" : "1,2").ToString();

        int Next(int count)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            return (int)((state >> 33) % (ulong)count);
        }
    }
}
