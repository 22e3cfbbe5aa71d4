using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Protection;

public sealed class ProtectionErrorTests : SealedWorkFolder
{
    private const string Divide = "select: { ratio: a / b }";

    public ProtectionErrorTests() => Write("in.csv", "a,b\n1,2\n31337,0\n");

    [Fact]
    public void Protected_stages_need_the_owners_key()
    {
        Write("job.yaml", Job("where: a > 0\n    protection: enclave"));

        Assert.Equal((2, "culvert: --protection sealed needs the owner's key: --key FILE ('culvert keys new owner.key' makes one)\n"), Refused("run", "job.yaml", "--protection", "sealed"));
        (int code, string error) = Refused("run", "job.yaml");
        Assert.Equal(2, code);
        Assert.EndsWith("is to run enclave, which needs the owner's key: --key FILE ('culvert keys new owner.key' makes one), or with sealed input and a sealed result the owner's broker: --broker URL\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sealed_result_needs_a_key_and_a_file()
    {
        Write("job.yaml", Job("where: a > 0"));

        Assert.Equal((2, "culvert: a sealed result needs --key FILE and a file for it: -o result.sealed\n"), Refused("run", "job.yaml", "-o", "result.sealed"));
        Assert.Equal((2, "culvert: a sealed result needs --key FILE and a file for it: -o result.sealed\n"), Refused("run", "job.yaml", "--key", "owner.key", "--format", "sealed"));
    }

    [Theory]
    [InlineData("open")]
    [InlineData("sealed")]
    [InlineData("enclave")]
    public void Sealed_input_needs_the_key_that_it_was_sealed_with(string protection)
    {
        Write("job.yaml", Job("where: a > 0"));
        Seal("in.csv", "in.sealed", "job.yaml");
        Succeeds("keys", "new", "other.key");

        Assert.Equal((1, "culvert: in.sealed is sealed: name the owner's key with --key\n"), Refused("run", "job.yaml", "--input", "in.sealed"));
        (int code, string error) = Refused("run", "job.yaml", "--input", "in.sealed", "--key", "other.key", "--protection", protection, "-o", "out.sealed");
        Assert.Equal(1, code);
        Assert.StartsWith("culvert: in.sealed: was sealed with another key: the key with id ", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Folder, "out.*"));
    }

    [Fact]
    public void Sealed_input_of_an_open_run_is_opened_here_and_the_run_says_so()
    {
        Write("job.yaml", Job("where: a > 0", "sink: { csv: '-' }"));
        Seal("in.csv", "in.sealed", "job.yaml");

        ProgramResult result = Succeeds("run", "job.yaml", "--input", "in.sealed", "--key", "owner.key", "--protection", "open");

        Assert.Equal("a,b\n1,2\n31337,0\n", result.Out);
        Assert.Equal("culvert: the input is sealed and the stages are open: it is opened here, in this process\n", result.Error);
        Assert.Equal("", Succeeds("run", "job.yaml", "--input", "in.sealed", "--key", "owner.key", "--protection", "open", "--quiet").Error);
    }

    [Fact]
    public void With_the_key_sealed_input_can_be_linted_planned_and_peeked_at()
    {
        Write("job.yaml", Job("name: large\n    where: a > 1"));
        Seal("in.csv", "in.sealed", "job.yaml");
        string[] input = ["--input", "in.sealed", "--key", "owner.key"];

        Assert.Equal("job.yaml: no errors, no warnings\n", Succeeds(["lint", "job.yaml", .. input]).Out);
        Assert.Contains("in.sealed", Succeeds(["plan", "job.yaml", .. input]).Out, StringComparison.Ordinal);
        Assert.Contains("31337", Succeeds(["peek", "job.yaml", "--stage", "large", .. input]).Out, StringComparison.Ordinal);
        Assert.Equal((1, "culvert: in.sealed is sealed: name the owner's key with --key\n"), Refused("plan", "job.yaml", "--input", "in.sealed"));
    }

    [Theory]
    [InlineData("open", 0)]
    [InlineData("sealed", 0)]
    [InlineData("enclave", 1)]
    public void Every_run_in_simulated_enclaves_says_once_that_they_do_not_protect(string protection, int times)
    {
        Write("job.yaml", Job("where: a > 0"));

        ProgramResult result = Succeeds("run", "job.yaml", "--key", "owner.key", "--protection", protection, "--workers", "3", "--quiet");

        Assert.Equal(times, Count(SimulationWarning, result.Error));
        Assert.Equal(times, Count("\n", result.Error));
        Assert.DoesNotContain(SimulationWarning, result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_that_is_wrong_is_told_as_in_the_open()
    {
        Write("bad.lua", "function filter(e) return e.a > end\n");
        Write("lua.yaml", Job("lua: { filter: bad.lua }"));
        Write("expression.yaml", Job("where: a > colour"));

        foreach (string job in (string[])["lua.yaml", "expression.yaml"])
        {
            (int, string) open = Refused("run", job);
            Assert.Equal(2, open.Item1);
            Assert.Equal(open, Refused("run", job, "--key", "owner.key", "--protection", "enclave"));
        }
    }

    [Theory]
    [InlineData("sealed", false)]
    [InlineData("enclave", false)]
    [InlineData("enclave", true)]
    public void A_row_that_an_operator_fails_on_is_shown_to_its_owner(string protection, bool isSealed)
    {
        Write("job.yaml", Job($"name: each\n    {Divide}").Replace("'int64?'", "int64", StringComparison.Ordinal));
        string input = isSealed ? "in.sealed" : "in.csv";
        if (isSealed)
        {
            Seal("in.csv", input, "job.yaml");
        }

        (int code, string error) = Refused("run", "job.yaml", "--input", input, "--key", "owner.key", "--protection", protection);

        Assert.Equal(1, code);
        Assert.Contains("each: Select: division by zero in `a / b`; the event is {a: 31337, b: 0}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lua_function_that_fails_in_an_enclave_says_where()
    {
        Write("strict.lua", "function filter(e)\n  if e.b == 0 then error('b is zero') end\n  return true\nend\n");
        Write("job.yaml", Job("name: strict\n    lua: { filter: strict.lua }"));

        (int code, string error) = Refused("run", "job.yaml", "--key", "owner.key", "--protection", "enclave");

        Assert.Equal(1, code);
        Assert.Contains("strict: lua filter strict.lua: strict.lua:2: b is zero; the event is {a=31337, b=0}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sealed_file_that_was_altered_ends_the_run_with_an_integrity_error()
    {
        Write("job.yaml", Job("where: a > 0"));
        Seal("in.csv", "in.sealed", "job.yaml");
        byte[] bytes = File.ReadAllBytes(At("in.sealed"));
        bytes[bytes.AsSpan().LastIndexOf("CBLK"u8) - 1] ^= 1; // the end of the row group's last column
        File.WriteAllBytes(At("in.sealed"), bytes);

        foreach (string protection in (string[])["sealed", "enclave"])
        {
            (int code, string error) = Refused("run", "job.yaml", "--input", "in.sealed", "--key", "owner.key", "--protection", protection, "-o", "out.sealed");
            Assert.Equal(1, code);
            Assert.Contains("in.sealed: row group 0, column 'b' was altered", error, StringComparison.Ordinal);
            Assert.False(File.Exists(At("out.sealed")));
        }
    }

    private (int ExitCode, string Error) Refused(params string[] arguments)
    {
        ProgramResult result = Culvert(arguments);
        Assert.Equal("", result.Out);
        return (result.ExitCode, result.Error);
    }
}
