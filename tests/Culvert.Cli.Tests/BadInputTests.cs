using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests;

public class BadInputTests : WorkFolder
{
    /// <summary>600 MB for objects: each partition that meets the line looks at the 16 MiB that a row may have, and none at all of it.</summary>
    private static readonly (string Name, string Value) s_boundedMemory = ("DOTNET_GCHeapHardLimit", "0x23C34600");

    [Fact]
    public void A_missing_file_is_named()
    {
        Write("job.yaml", Job("where: a > 0"));

        Assert.Equal("culvert: in.csv: no such file\n", Fails(1, "run", "job.yaml").Error);
        Assert.Equal("culvert: other.csv: no such file\n", Fails(1, "run", "job.yaml", "--input", "other.csv").Error);
    }

    [Fact]
    public void An_empty_file_has_no_columns_unless_they_are_declared()
    {
        Write("in.csv", "");
        Write("job.yaml", Job("where: a > 0"));

        Assert.Contains("in.csv: empty, so that its columns are not known", Fails(1, "run", "job.yaml").Error, StringComparison.Ordinal);
        Assert.EndsWith("\"result\":[]}\n", Culvert("run", Flights, "--input", "in.csv", "--format", "json").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_only_a_header_has_no_rows()
    {
        Write("in.csv", "a,b\n");
        Write("job.yaml", Job("where: a > 0"));

        ProgramResult result = Culvert("run", "job.yaml", "--format", "json");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("\"rows\":0,", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Binary_garbage_is_no_csv()
    {
        byte[] garbage = new byte[100_000];
        new Random(7).NextBytes(garbage);
        File.WriteAllBytes(At("in.csv"), garbage);
        Write("job.yaml", Job("where: a > 0"));

        Assert.Contains("in.csv: the first line has a NUL byte", Fails(1, "run", "job.yaml").Error, StringComparison.Ordinal);
        Assert.Contains("in.csv:", Fails(1, "run", Flights, "--input", "in.csv").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_first_line_that_is_no_text_names_no_columns()
    {
        File.WriteAllBytes(At("in.csv"), [0x01, 0xff, 0x02, (byte)',', 0x03, (byte)'\n', (byte)'1', (byte)',', (byte)'2', (byte)'\n']);
        Write("job.yaml", Job("where: a > 0"));

        Assert.Contains("in.csv: the first line is not text", Fails(1, "run", "job.yaml").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_not_utf8_goes_through_as_the_bytes_it_is()
    {
        File.WriteAllBytes(At("in.csv"), [.. "a,b,c\n1,2,"u8, 0xff, 0xfe, .. "x\n"u8]);
        Write("job.yaml", Job("select: [c]", "sink: { csv: out.csv }"));

        Assert.Equal(0, Culvert("run", "job.yaml").ExitCode);

        Assert.Equal([.. "c\n"u8, 0xff, 0xfe, .. "x\n"u8], File.ReadAllBytes(At("out.csv")));
    }

    [Fact]
    public void A_ragged_row_fails_with_file_and_line_and_leaves_no_result()
    {
        Write("in.csv", "a,b\n1,2\n3,4,5\n");
        Write("job.yaml", Job("select: [a]", "sink: { csv: out.csv }"));

        Assert.StartsWith("culvert: in.csv:3: 3 fields where 2 are expected", Fails(1, "run", "job.yaml").Error, StringComparison.Ordinal);
        Assert.False(File.Exists(At("out.csv")));
        Fails(1, "run", "job.yaml", "--format", "json");
    }

    [Fact]
    public void A_line_of_a_gigabyte_in_a_file_is_refused_in_bounded_memory()
    {
        Write("in.csv", "a,b\n1,2\n3,");
        using (FileStream file = new(At("in.csv"), FileMode.Open))
        {
            file.SetLength(1L << 30);
        }

        Write("job.yaml", Job("where: a > 0"));
        ProgramResult result = CulvertProgram.Run(Folder, null, ["run", "job.yaml", "--format", "json"], s_boundedMemory);

        Assert.Equal((1, ""), (result.ExitCode, result.Out));
        Assert.Contains("in.csv:3: a row of more than 16777216 bytes", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_a_gigabyte_from_standard_input_is_refused_in_bounded_memory()
    {
        Write("job.yaml", Job("where: a > 0"));
        using LongLine line = new("a,b\n1,2\n3,", 1L << 30);

        ProgramResult result = CulvertProgram.Run(Folder, line, ["run", "job.yaml", "--input", "-", "--format", "json"], s_boundedMemory);

        Assert.Equal((1, ""), (result.ExitCode, result.Out));
        Assert.Contains("standard input, byte 8: a row of more than 16777216 bytes", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("where: aa > 0", "job.yaml:6:12: error: there is no column 'aa'")]
    [InlineData("where: a > 'x'", "job.yaml:6:14: error: '>' does not apply to int64 and text")]
    [InlineData("where: a >", "job.yaml:6:15: error:")]
    public void A_wrong_expression_is_shown_with_line_and_column_and_nothing_runs(string stage, string error)
    {
        Write("in.csv", "a,b\n1,2\n");
        Write("job.yaml", Job(stage, "sink: { csv: out.csv }"));

        Assert.Contains(error, Fails(2, "run", "job.yaml").Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Folder, "out*"));
    }

    [Fact]
    public void A_division_by_zero_names_file_line_and_event()
    {
        Write("in.csv", "a,b\n1,1\n2,0\n");
        Write("job.yaml", Job("where: a / b > 0", "sink: { csv: out.csv }"));

        string error = Fails(1, "run", "job.yaml").Error;

        Assert.StartsWith("culvert: in.csv:3: ", error, StringComparison.Ordinal);
        Assert.Contains("division by zero in `a / b`; the event is {a: 2, b: 0}", error, StringComparison.Ordinal);
        Assert.False(File.Exists(At("out.csv")));
    }

    [Theory]
    [InlineData("return function(e", 2, "map.lua:1: ")]
    [InlineData("return function(e)\n  while true do end\nend", 1, "in.csv:2: source: lua map map.lua: map.lua:2: more than 10000000 instructions for one event")]
    [InlineData("return function(e)\n  local t = {}\n  for i = 1, 1e9 do t[i] = { i } end\nend", 1, "out of memory: the limit is 65536 KiB")]
    [InlineData("return function(e)\n  error('no')\nend", 1, "map.lua:2: no")]
    [InlineData("return function(e) return os.time() end", 1, "map.lua:1: ")]
    public void A_lua_function_that_fails_names_script_and_line(string script, int exitCode, string error)
    {
        Write("in.csv", "a,b\n1,2\n");
        Write("map.lua", script);
        Write("job.yaml", Job("lua: { map: map.lua, returns: { a: int64 } }"));

        Assert.Contains(error, Fails(exitCode, "run", "job.yaml").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("json")]
    [InlineData("jsonl")]
    public void A_full_disk_is_told(string format)
    {
        Write("in.csv", "a,b\n1,2\n");
        Write("job.yaml", Job("select: [a]"));

        Assert.Contains("cannot write to /dev/full: No space left on device", Fails(1, "run", "job.yaml", "--format", format, "-o", "/dev/full").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--format json")]
    [InlineData("--format table")]
    [InlineData("--format csv")]
    [InlineData("")]
    public void A_standard_output_that_is_full_is_told(string format)
    {
        Write("in.csv", "a,b\n1,2\n");
        Write("job.yaml", Job("select: [a]"));
        using System.Diagnostics.Process process = CulvertProgram.StartWith(Folder, "bash", ["-c", $"exec \"$0\" run job.yaml {format} > /dev/full", CulvertProgram.Path]);

        ProgramResult result = CulvertProgram.Finish(process);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("culvert: cannot write to standard output: No space left on device\n", result.Error);
    }

    [Fact]
    public void A_file_that_cannot_be_written_to_its_end_never_gets_its_name()
    {
        Write("in.csv", "a,b\n" + string.Concat(Enumerable.Range(0, 400_000).Select(i => $"{i},{i}\n")));
        Write("job.yaml", Job("where: a >= 0", "sink: { csv: out.csv }"));

        // A limit on the size of files fails a write in the middle, as a full disk does.
        using System.Diagnostics.Process process = CulvertProgram.StartWith(
            Folder, "bash", ["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$0\" run job.yaml", CulvertProgram.Path], ("DOTNET_EnableWriteXorExecute", "0"));
        ProgramResult result = CulvertProgram.Finish(process);

        Assert.Equal((1, ""), (result.ExitCode, result.Out));
        Assert.StartsWith("culvert: cannot write out.csv.partial: ", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(At("out.csv")));
        Assert.InRange(new FileInfo(At("out.csv.partial")).Length, 1, 1000 * 1024);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_told_before_anything_is_read()
    {
        Write("in.csv", "a,b\n1,2\n");
        Write("job.yaml", Job("select: [a]"));

        Assert.Contains("cannot write none/out.csv", Fails(1, "run", "job.yaml", "-o", "none/out.csv").Error, StringComparison.Ordinal);
        Assert.Contains("cannot write none/out.json", Fails(1, "run", "job.yaml", "-o", "none/out.json").Error, StringComparison.Ordinal);
    }

    private ProgramResult Fails(int exitCode, params string[] arguments)
    {
        ProgramResult result = Culvert(arguments);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Out));
        Assert.StartsWith("culvert: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        return result;
    }

    /// <summary>Some text, and then one letter over and over, without a line's end.</summary>
    private sealed class LongLine(string start, long length) : Stream
    {
        private readonly byte[] _start = System.Text.Encoding.UTF8.GetBytes(start);
        private long _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _at; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = (int)Math.Min(count, length - _at);
            for (int i = 0; i < read; i++, _at++)
            {
                buffer[offset + i] = _at < _start.Length ? _start[_at] : (byte)'7';
            }

            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
