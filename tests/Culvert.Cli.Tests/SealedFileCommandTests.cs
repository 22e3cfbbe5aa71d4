using System.Text.Json;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests;

public sealed class SealedFileCommandTests : WorkFolder
{
    private const string Rows = "name,count,when,ratio\nSFO,1,2008-01-01T10:00:00,0.5\n\"a,b\",,2008-01-02T00:00:00,1.25\n,3,2008-01-03T00:00:00,\n";

    public SealedFileCommandTests()
    {
        Culvert("keys", "new", "owner.key");
        Write("in.csv", Rows);
    }

    [Fact]
    public void What_is_sealed_and_opened_again_is_the_same_csv()
    {
        ProgramResult seal = Culvert("seal", "in.csv", "--key", "owner.key", "-o", "in.sealed");
        ProgramResult open = Culvert("open", "in.sealed", "--key", "owner.key", "--format", "csv");

        Assert.Equal((0, ""), (seal.ExitCode, seal.Out));
        Assert.StartsWith("culvert: sealed 3 rows of 4 columns in", seal.Error, StringComparison.Ordinal);
        Assert.Equal((0, Rows), (open.ExitCode, open.Out));
        Assert.Contains($"opened 3 rows of stream {Inspect("in.sealed").GetProperty("stream").GetString()}, end digest ", open.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("SFO", File.ReadAllText(At("in.sealed")), StringComparison.Ordinal);
        Assert.False(File.Exists(At("in.sealed.partial")));
    }

    [Fact]
    public void Some_columns_with_types_of_ones_own_from_standard_input()
    {
        using MemoryStream input = new(File.ReadAllBytes(At("in.csv")));
        ProgramResult seal = CulvertProgram.Run(Folder, input, ["seal", "-", "--key", "owner.key", "-o", "part.sealed", "--columns", "count,name", "--types", "count:float64?", "-q"]);
        ProgramResult open = Culvert("open", "part.sealed", "--key", "owner.key", "--format", "jsonl", "-q");

        Assert.Equal((0, ""), (seal.ExitCode, seal.Error));
        Assert.Equal("{\"count\":1,\"name\":\"SFO\"}\n{\"count\":null,\"name\":\"a,b\"}\n{\"count\":3,\"name\":null}\n", open.Out);
        Assert.Equal("", open.Error);
    }

    [Fact]
    public void A_jobs_source_says_how_its_files_are_read()
    {
        Write("job.yaml", """
            job: t
            source:
              csv: other.csv
              separator: semicolon
              missing: [NA]
              columns: [a, b]
              types: { b: 'int32?' }
            stages:
              - where: b > 0
            sink: { jsonl: '-' }
            """);
        Write("plain.csv", "x;NA\ny;7\n");
        ProgramResult seal = Culvert("seal", "plain.csv", "--job", "job.yaml", "--key", "owner.key", "-o", "job.sealed");
        ProgramResult open = Culvert("open", "job.sealed", "--key", "owner.key", "--format", "jsonl");

        Assert.True(seal.ExitCode == 0, seal.Error);
        Assert.Equal("{\"a\":\"x\",\"b\":null}\n{\"a\":\"y\",\"b\":7}\n", open.Out);
    }

    [Fact]
    public void A_row_that_cannot_be_read_is_named_and_nothing_gets_the_files_name()
    {
        ProgramResult seal = Culvert("seal", "in.csv", "--key", "owner.key", "-o", "in.sealed", "--types", "count:int32?,name:int32?");

        Assert.Equal(1, seal.ExitCode);
        Assert.StartsWith("culvert: in.csv:2: ", seal.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(At("in.sealed")));
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_only_by_force()
    {
        Write("in.sealed", "precious");
        ProgramResult refused = Culvert("seal", "in.csv", "--key", "owner.key", "-o", "in.sealed");
        Assert.Equal((1, "culvert: in.sealed is there already; --force replaces it\n"), (refused.ExitCode, refused.Error));
        Assert.Equal("precious", Read("in.sealed"));
        Assert.Equal(0, Culvert("seal", "in.csv", "--key", "owner.key", "-o", "in.sealed", "--force").ExitCode);
        Assert.NotEqual("precious", Read("in.sealed"));
    }

    [Fact]
    public void Verify_names_row_group_and_column_of_what_was_altered()
    {
        Culvert("seal", "in.csv", "--key", "owner.key", "-o", "in.sealed");
        ProgramResult whole = Culvert("verify", "in.sealed", "--key", "owner.key");
        Assert.Equal(0, whole.ExitCode);
        Assert.StartsWith("in.sealed: whole and unaltered: 3 rows, 1 row groups, 4 columns; stream ", whole.Out, StringComparison.Ordinal);

        byte[] bytes = File.ReadAllBytes(At("in.sealed"));
        int group = bytes.AsSpan().IndexOf("CBLK"u8);
        int end = bytes.AsSpan().LastIndexOf("CBLK"u8);
        bytes[end - 1] ^= 4;
        File.WriteAllBytes(At("altered.sealed"), bytes);
        ProgramResult altered = Culvert("verify", "altered.sealed", "in.sealed", "--key", "owner.key");
        Assert.Equal(1, altered.ExitCode);
        Assert.StartsWith("culvert: altered.sealed: row group 0, column 'ratio' was altered", altered.Error, StringComparison.Ordinal);
        Assert.StartsWith("in.sealed: whole", altered.Out, StringComparison.Ordinal);
        Assert.True(group > 0);
    }

    [Fact]
    public void An_older_file_of_the_same_name_is_refused_where_another_is_expected()
    {
        Culvert("seal", "in.csv", "--key", "owner.key", "-o", "in.sealed");
        string older = Inspect("in.sealed").GetProperty("stream").GetString()!;
        Culvert("seal", "in.csv", "--key", "owner.key", "-o", "in.sealed", "--force");
        string newer = Inspect("in.sealed").GetProperty("stream").GetString()!;

        ProgramResult refused = Culvert("open", "in.sealed", "--key", "owner.key", "--expect", older);
        ProgramResult opened = Culvert("open", "in.sealed", "--key", "owner.key", "--expect", newer);
        string digest = opened.Error.Split("end digest ")[1].Trim();

        Assert.Equal((1, ""), (refused.ExitCode, refused.Out));
        Assert.Contains("it is another file, or an older one of the same name", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, opened.ExitCode);
        Assert.Equal(0, Culvert("open", "in.sealed", "--key", "owner.key", "--expect", digest).ExitCode);
        Assert.Equal(1, Culvert("open", "in.sealed", "--key", "owner.key", "--expect", new string('0', 64)).ExitCode);
        Assert.Equal(2, Culvert("open", "in.sealed", "--key", "owner.key", "--expect", "today's").ExitCode);
    }

    [Fact]
    public void A_file_cut_before_its_end_opens_only_as_an_incomplete_one()
    {
        Culvert("seal", "in.csv", "--key", "owner.key", "-o", "in.sealed");
        byte[] bytes = File.ReadAllBytes(At("in.sealed"));
        File.WriteAllBytes(At("cut.sealed"), bytes[..^1]);

        ProgramResult refused = Culvert("open", "cut.sealed", "--key", "owner.key", "--format", "csv");
        ProgramResult opened = Culvert("open", "cut.sealed", "--key", "owner.key", "--format", "csv", "--incomplete");

        Assert.Equal((1, ""), (refused.ExitCode, refused.Out));
        Assert.Contains("cut before its end mark", refused.Error, StringComparison.Ordinal);
        Assert.Equal((0, Rows), (opened.ExitCode, opened.Out));
        Assert.Contains("cut before its end mark", opened.Error, StringComparison.Ordinal);
        Assert.Equal(1, Culvert("verify", "cut.sealed", "--key", "owner.key").ExitCode);
    }

    [Fact]
    public void Inspect_needs_no_key_and_shows_no_names()
    {
        Culvert("seal", "in.csv", "--key", "owner.key", "-o", "in.sealed");
        ProgramResult text = Culvert("inspect", "in.sealed");
        JsonElement json = Inspect("in.sealed");

        Assert.Equal(0, text.ExitCode);
        Assert.DoesNotContain("ratio", text.Out, StringComparison.Ordinal);
        Assert.Contains("strands      1, ended", text.Out, StringComparison.Ordinal);
        Assert.True(json.GetProperty("ended").GetBoolean());
        Assert.Equal(1, json.GetProperty("strands")[0].GetProperty("rowGroups").GetInt32());
        Assert.Equal(4, json.GetProperty("columnBytes").GetArrayLength());
        Assert.Equal(new FileInfo(At("in.sealed")).Length, json.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public void Another_key_and_another_format_are_named()
    {
        Culvert("seal", "in.csv", "--key", "owner.key", "-o", "in.sealed");
        Culvert("keys", "new", "other.key");

        Assert.Contains("was sealed with another key", Culvert("open", "in.sealed", "--key", "other.key").Error, StringComparison.Ordinal);
        Assert.Contains("in.csv: this is no sealed file", Culvert("open", "in.csv", "--key", "owner.key").Error, StringComparison.Ordinal);
        Assert.Contains("nothing.sealed: no such file", Culvert("verify", "nothing.sealed", "--key", "owner.key").Error, StringComparison.Ordinal);
    }

    private JsonElement Inspect(string file) => JsonDocument.Parse(Culvert("inspect", file, "--format", "json").Out).RootElement;
}
