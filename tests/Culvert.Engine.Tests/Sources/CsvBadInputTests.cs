using System.Text;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Sources;

/// <summary>What a user is told about input that cannot be read.</summary>
public sealed class CsvBadInputTests : IDisposable
{
    private readonly CsvFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_file_a_folder_and_a_pattern_without_a_match_are_named()
    {
        Assert.Contains("nowhere.csv: no such file", OpenFails(_folder.PathOf("nowhere.csv")), StringComparison.Ordinal);
        Assert.Contains("is a folder", OpenFails(_folder.PathOf("")), StringComparison.Ordinal);
        Assert.Contains("x*.csv: no file matches", OpenFails(_folder.PathOf("x*.csv")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_reads_its_files_in_ordinal_order()
    {
        foreach (string name in new[] { "b2.csv", "b10.csv", "a1.csv", "b1.txt", ".b3.csv" })
        {
            _folder.Write(name, $"name\n{name}\n");
        }

        Assert.Equal(["b10.csv", "b2.csv"], Rows(_folder.PathOf("b*.csv")));
        Assert.Equal(["a1.csv", "b2.csv"], Rows(_folder.PathOf("[a-b]?.csv")));
        Assert.Equal(["b2.csv"], Rows(_folder.PathOf("[!a]?.csv")));
    }

    [Fact]
    public void An_empty_file_and_a_header_alone_have_no_rows()
    {
        Assert.Empty(Rows(_folder.Write("empty.csv", "")));
        Assert.Empty(Rows(_folder.Write("header.csv", "a,b\n")));
        Assert.Empty(Rows(_folder.Write("empty.csv.gz", CsvFolder.Gzip([]))));
        Assert.Equal(["1|2"], Rows(_folder.Write("two.csv", "\uFEFFa,b\r\n1,2")));
    }

    [Fact]
    public void Binary_files_are_refused_by_name_and_nul_bytes_by_line()
    {
        Assert.Contains("spreadsheet", OpenFails(_folder.Write("x.csv", [.. "PK\u0003\u0004rest"u8])), StringComparison.Ordinal);
        Assert.Contains("UTF-16", OpenFails(_folder.Write("u.csv", Encoding.Unicode.GetPreamble())), StringComparison.Ordinal);
        Assert.Contains("NUL byte", OpenFails(_folder.Write("n.csv", "a\0b,c\n")), StringComparison.Ordinal);
        Assert.StartsWith("late.csv:3: a NUL byte, so this is not text: '3\\x00,4'", ReadFails(_folder.Write("late.csv", "id,delay\n1,2\n3\0,4\n")), StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_end_in_a_message_or_in_rows_but_not_in_a_crash()
    {
        ulong state = 42;
        int refused = 0;
        for (int length = 1; length < 3000; length += 97)
        {
            byte[] bytes = [.. Enumerable.Range(0, length).Select(_ => (byte)((state = (state * 6364136223846793005) + 1442695040888963407) >> 56))];
            string path = _folder.Write("garbage", bytes);
            string? message = null;
            try
            {
                Rows(path);
            }
            catch (SourceFailedException e)
            {
                message = e.Message;
            }

            Assert.Contains("garbage", message ?? "garbage", StringComparison.Ordinal);
            refused += message is null ? 0 : 1;
        }

        Assert.InRange(refused, 20, 31);
    }

    [Fact]
    public void A_row_that_cannot_be_read_fails_the_run_with_file_line_column_and_value()
    {
        string bad = _folder.Write("bad.csv", "id,delay\n1,2\n\n2,\"x\ny\"\n3,late\n");
        Assert.StartsWith("bad.csv:4: '\"x\\x0ay\"' in column 'delay' is not an int32.", ReadFails(bad), StringComparison.Ordinal);
        Assert.StartsWith("ragged.csv:3: 3 fields where 2 are expected: '1,2,3'", ReadFails(_folder.Write("ragged.csv", "id,delay\n1,2\n1,2,3\n")), StringComparison.Ordinal);
        Assert.StartsWith("open.csv:2: a quote that is never closed", ReadFails(_folder.Write("open.csv", "id,delay\n\"1,2\n3,4\n")), StringComparison.Ordinal);
        Assert.StartsWith("after.csv:2: text after a closing quote", ReadFails(_folder.Write("after.csv", "id,delay\n\"1\"2,2\n3,4\n")), StringComparison.Ordinal);
        Assert.StartsWith("none.csv:2: no value ('') in column 'delay'", ReadFails(_folder.Write("none.csv", "id,delay\n1,\n")), StringComparison.Ordinal);
    }

    [Fact]
    public void Skipped_rows_are_counted_and_the_first_ten_are_reported_by_line()
    {
        StringBuilder text = new("id,delay\n");
        for (int i = 0; i < 100; i++)
        {
            text.Append(i % 4 == 0 ? $"{i},late\n" : $"{i},{i}\n");
        }

        string path = _folder.Write("skip.csv", text.ToString());
        using CsvSource source = CsvSource.Open(Settings(path, MalformedRowPolicy.Skip) with { SplitBytes = 32 });
        Assert.Equal(75, CsvFolder.ReadAll(source).Count);
        Assert.Equal(25, source.MalformedRows.Count);
        Assert.Equal(
            Enumerable.Range(0, 10).Select(i => $"skip.csv:{(4 * i) + 2}: 'late' in column 'delay' is not an int32"),
            source.MalformedRows.First);
    }

    [Fact]
    public void Rows_set_aside_are_in_the_file_once_also_when_the_run_is_killed_and_resumed()
    {
        string path = _folder.Write("aside.csv", "id,delay\n1,x\n2,2\n3,y,z\n4,4\n5,w");
        CsvSourceSettings settings = Settings(path, MalformedRowPolicy.SetAside) with { SplitBytes = 8, PartitionCount = 1, SetAsidePath = _folder.PathOf("rejected.csv") };
        string rejected = _folder.PathOf("rejected.p0.csv");
        File.WriteAllText(rejected, "of an earlier run\n");
        byte[] position;
        List<string> rows = [];
        using (CsvSource source = CsvSource.Open(settings))
        using (ISourcePartition partition = source.Open(new PartitionId(0), default))
        {
            partition.ReadRound(batch => CsvFolder.Add(rows, batch), CancellationToken.None);
            partition.ReadRound(batch => CsvFolder.Add(rows, batch), CancellationToken.None);
            position = CsvFolder.Position(partition);
            partition.ReadRound(batch => batch.Dispose(), CancellationToken.None);
            partition.ReadRound(batch => batch.Dispose(), CancellationToken.None);
        }

        using CsvSource resumed = CsvSource.Open(settings);
        rows.AddRange(CsvFolder.Read(resumed, 0, position));
        Assert.Equal(["2|2", "4|4"], rows);
        Assert.Equal("1,x\n3,y,z\n5,w\n", File.ReadAllText(rejected));
    }

    [Fact]
    public void A_line_longer_than_allowed_is_refused_in_bounded_memory()
    {
        string path = _folder.Write("long.csv", "id,delay\n1,2\n" + new string('7', 3_000_000) + ",1\n5,6\n");
        CsvSourceSettings settings = Settings(path) with { Csv = Settings(path).Csv with { RowBytesMax = 1 << 20 }, SplitBytes = 100_000 };
        using CsvSource source = CsvSource.Open(settings);
        for (int p = 0; p < source.PartitionCount; p++)
        {
            SourceFailedException failed = Assert.Throws<SourceFailedException>(() => CsvFolder.Read(source, p));
            Assert.StartsWith("long.csv:3: a row of more than 1048576 bytes", failed.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_damaged_or_cut_gzip_file_is_an_error_and_several_members_are_one_file()
    {
        byte[] first = CsvFolder.Gzip(Encoding.UTF8.GetBytes("id,delay\n1,2\n"));
        byte[] second = CsvFolder.Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i},{i * 7919 % 1000}\n"))));
        Assert.Equal(5001, Rows(_folder.Write("members", [.. first, .. second])).Count);
        for (int cut = 1; cut < second.Length; cut += cut < 40 ? 1 : 997)
        {
            // Behind a cut, what is there may be a row that is ragged or not; the run fails one way or the other.
            Assert.Contains("cut.gz", ReadFails(_folder.Write("cut.gz", [.. first, .. second[..^cut]])), StringComparison.Ordinal);
        }

        Assert.Contains("tail.gz: the compressed data is damaged or cut off", ReadFails(_folder.Write("tail.gz", [.. first, .. second[..^4]])), StringComparison.Ordinal);
        byte[] flipped = [.. second];
        flipped[flipped.Length / 2] ^= 0xFF;
        Assert.Contains("flip.gz", ReadFails(_folder.Write("flip.gz", [.. first, .. flipped])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_a_file_lacks_is_an_error_that_names_the_nearest()
    {
        string path = _folder.Write("names.csv", "Year,ArrDelay,DepDelay\n1,2,3\n");
        string message = Assert.Throws<SourceFailedException>(() => CsvSource.Open(new CsvSourceSettings { Inputs = [path], Wanted = ["arrdelay"] })).Message;
        Assert.Contains("names.csv: no column 'arrdelay'; the nearest are 'ArrDelay', 'DepDelay'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_with_and_without_header_and_in_other_order_are_read_in_one_run()
    {
        string[] paths =
        [
            _folder.Write("1.csv", "id,delay\n1,10\n"),
            _folder.Write("2.csv", "2,20\n"),
            _folder.Write("3.csv", "extra,delay,id\nx,30,3\n"),
        ];
        using CsvSource source = CsvSource.Open(Settings(paths[0]) with { Inputs = [.. paths], PartitionCount = 1 });
        Assert.Equal(["1|10", "2|20", "3|30"], CsvFolder.ReadAll(source));
        string wrong = _folder.Write("4.csv", "2,20,200\n");
        Assert.Contains("4.csv: no header was found and the first row has 3 fields, but 2 columns are declared", OpenFails(wrong), StringComparison.Ordinal);
    }

    [Fact]
    public void Types_that_are_not_declared_are_inferred_from_the_first_rows()
    {
        string path = _folder.Write("types.csv", "flag,whole,part,day,word,empty\ntrue,1,1.5,2008-05-01,x,\nfalse,,2,2008-05-02T10:00:00,3,\n");
        using CsvSource source = CsvSource.Open(new CsvSourceSettings { Inputs = [path], PartitionCount = 1 });
        Assert.Equal("flag: bool, whole: int64?, part: float64, day: datetime, word: text, empty: text?", source.Schema.ToString());
        Assert.Equal(["True|1|1.5|05/01/2008 00:00:00|x|null", "False|null|2|05/02/2008 10:00:00|3|null"], CsvFolder.ReadAll(source));

        string bare = _folder.Write("bare.csv", "1,a\n2,b\n");
        using CsvSource numbered = CsvSource.Open(new CsvSourceSettings { Inputs = [bare], PartitionCount = 1 });
        Assert.Equal("column1: int64, column2: text", numbered.Schema.ToString());
    }

    [Fact]
    public void A_file_that_was_replaced_cut_or_renamed_is_refused_on_resume()
    {
        string path = _folder.Write("id.csv", "id,delay\n1,2\n3,4\n");
        byte[] identity;
        using (CsvSource source = CsvSource.Open(Settings(path)))
        {
            identity = source.Identity.ToArray();
            Assert.True(source.CheckIdentity(identity).Value);
        }

        Assert.Contains("has the same length but other contents", Refusal("id.csv", "id,delay\n1,2\n3,5\n"), StringComparison.Ordinal);
        Assert.Contains("was 17 bytes long and is now 21", Refusal("id.csv", "id,delay\n1,2\n3,4\n5,6\n"), StringComparison.Ordinal);
        Assert.Contains("input 1: id.csv was read by the run to be resumed, and other.csv is there now", Refusal("other.csv", "id,delay\n1,2\n3,4\n"), StringComparison.Ordinal);

        string Refusal(string name, string text)
        {
            using CsvSource source = CsvSource.Open(Settings(_folder.Write(name, text)));
            Outcome<bool> checkedIdentity = source.CheckIdentity(identity);
            Assert.False(checkedIdentity.Succeeded);
            Assert.Equal(FailureKind.Mismatch, checkedIdentity.Failure.Kind);
            return checkedIdentity.Failure.Message;
        }
    }

    [Fact]
    public void A_row_that_an_operator_fails_on_is_located()
    {
        string path = _folder.Write("loc.csv", "id,delay\n1,2\n\nbad,row\n3,\"4\"\n5,6\n");
        foreach (string input in new[] { path, _folder.Write("loc.csv.gz", CsvFolder.Gzip(File.ReadAllBytes(path))) })
        {
            using CsvSource source = CsvSource.Open(Settings(input, MalformedRowPolicy.Skip) with { PartitionCount = 1 });
            using ISourcePartition partition = source.Open(new PartitionId(0), default);
            List<string> places = [];
            partition.ReadRound(
                batch =>
                {
                    places.AddRange(Enumerable.Range(0, batch.Count).Select(partition.Locate));
                    batch.Dispose();
                },
                CancellationToken.None);
            string name = Path.GetFileName(input);
            Assert.Equal([$"{name}:2", $"{name}:5", $"{name}:6"], places);
        }
    }

    private static CsvSourceSettings Settings(string path, MalformedRowPolicy policy = MalformedRowPolicy.Fail) => new()
    {
        Inputs = [path],
        Csv = new CsvOptions
        {
            Columns = [new CsvColumn("id", new ColumnType(ValueKind.Int32)), new CsvColumn("delay", new ColumnType(ValueKind.Int32))],
            Malformed = policy,
        },
    };

    private static string OpenFails(string path) => Assert.Throws<SourceFailedException>(() => CsvSource.Open(Settings(path))).Message;

    private static string ReadFails(string path) => Assert.Throws<SourceFailedException>(() =>
    {
        using CsvSource source = CsvSource.Open(Settings(path) with { PartitionCount = 1, CompressedRoundBytes = 1000 });
        CsvFolder.ReadAll(source);
    }).Message;

    private static List<string> Rows(string path)
    {
        using CsvSource source = CsvSource.Open(new CsvSourceSettings { Inputs = [path], PartitionCount = 1 });
        return CsvFolder.ReadAll(source);
    }
}
