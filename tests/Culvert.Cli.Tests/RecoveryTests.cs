using System.Diagnostics;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests;

public class RecoveryTests : WorkFolder
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private static bool Nightly => Environment.GetEnvironmentVariable("CULVERT_NIGHTLY") == "1";

    [Fact]
    public async Task A_run_that_is_killed_over_and_over_and_resumed_writes_the_bytes_of_an_undisturbed_one()
    {
        MakeKillableJob(files: 64, rowsPerFile: 3_125);
        ProgramResult undisturbed = Culvert("run", "job.yaml");
        Assert.Equal((0, ""), (undisturbed.ExitCode, undisturbed.Error));
        (byte[] late, byte[] carriers) = (File.ReadAllBytes(At("late.csv")), File.ReadAllBytes(At("carriers.csv")));
        Assert.InRange(late.Length, 500_000, int.MaxValue);
        Assert.InRange(carriers.Length, 100, int.MaxValue);

        const int Seed = 20;
        Random random = new(Seed);
        int resumed = 0;
        for (int trial = 0; trial < (Nightly ? 100 : 4); trial++)
        {
            File.Delete(At("late.csv"));
            File.Delete(At("carriers.csv"));
            if (Directory.Exists(At("snapshots")))
            {
                Directory.Delete(At("snapshots"), recursive: true);
            }

            bool finished = false;
            for (int life = 0; !finished; life++)
            {
                string[] workers = ["--workers", random.Next(1, 4).ToString(System.Globalization.CultureInfo.InvariantCulture)];
                bool hasSnapshot = life > 0 && HasSnapshot();
                resumed += hasSnapshot ? 1 : 0;
                using Process process = CulvertProgram.Start(
                    Folder, ["run", "job.yaml", "--quiet", "--snapshots", "snapshots", "--snapshot-interval", "1ms", .. workers, .. hasSnapshot ? new[] { "--resume" } : []]);
                if (life < 6)
                {
                    // Every other life is ended shortly behind a snapshot of its own, the rest at any moment.
                    DateTime started = DateTime.UtcNow;
                    while (life % 2 == 0 && !process.HasExited && !HasSnapshot(since: started))
                    {
                        await Task.Delay(1, TestContext.Current.CancellationToken);
                    }

                    await Task.Delay(random.Next(life % 2 == 0 ? 40 : 800), TestContext.Current.CancellationToken);
                    process.Kill();
                }

                ProgramResult result = CulvertProgram.Finish(process);
                finished = result.ExitCode == 0;
                Assert.True(finished || result.ExitCode == 137, $"seed {Seed}, trial {trial}, life {life}: {result.ExitCode} {result.Error}");
            }

            Assert.Equal(late, File.ReadAllBytes(At("late.csv")));
            Assert.Equal(carriers, File.ReadAllBytes(At("carriers.csv")));
            Assert.Empty(Directory.GetFiles(Folder, "*.partial"));
        }

        Assert.True(resumed > 0, "no run was killed behind a snapshot: the test shows nothing");
    }

    [Theory]
    [InlineData(Interrupt, 130)]
    [InlineData(Terminate, 143)]
    public void A_signal_ends_an_endless_run_cleanly_and_its_snapshot_can_be_resumed(int signal, int exitCode)
    {
        Write("job.yaml", """
            job: endless
            source: { generate: sensors, with: { rate: 1000, disorder: 0s } }
            stages:
              - where: value > -1000
            sink: { jsonl: out.jsonl }
            """);

        Stop(signal, exitCode, "run", "job.yaml", "--snapshots", "snapshots");
        long before = new FileInfo(At("out.jsonl.partial")).Length;
        Assert.False(File.Exists(At("out.jsonl")));
        Stop(signal, exitCode, "run", "job.yaml", "--snapshots", "snapshots", "--resume");

        Assert.True(new FileInfo(At("out.jsonl.partial")).Length > before);
        int[] lengths = [.. File.ReadLines(At("out.jsonl.partial")).Select(l => l.Split(',').Length)];
        Assert.All(lengths, n => Assert.Equal(3, n));
    }

    [Fact]
    public async Task A_file_that_grows_is_followed_until_a_signal()
    {
        Write("grows.csv", "a\n1\n2\n");
        Write("job.yaml", "job: follow\nsource: { csv: grows.csv }\nsink: { jsonl: out.jsonl }\n");
        using Process process = CulvertProgram.Start(Folder, ["run", "job.yaml", "--follow", "--quiet"]);
        string output = At("out.jsonl.partial");
        await UntilAsync(() => File.Exists(output) && File.ReadAllLines(output).Length == 2);
        await File.AppendAllTextAsync(At("grows.csv"), "3\n", TestContext.Current.CancellationToken);
        await UntilAsync(() => File.ReadAllLines(output).Length == 3);
        process.Kill();
        CulvertProgram.Finish(process);

        Assert.Equal(["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"], File.ReadAllLines(output));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(20, limit.Token);
        }
    }

    [Fact]
    public void A_signal_ends_a_run_without_snapshots_and_says_that_the_result_is_not_whole()
    {
        Write("job.yaml", "job: endless\nsource: { generate: sensors, with: { rate: 1000 } }\nsink: { csv: out.csv }\n");

        ProgramResult result = Stop(Interrupt, 130, "run", "job.yaml");

        Assert.Contains("what was written so far is not the whole result", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Input_that_was_replaced_since_the_snapshot_is_refused()
    {
        FinishWithSnapshot();
        Write("in.csv", "a,b\n1,2\n3,5\n");

        Assert.Contains("cannot resume: in.csv", Refused("job.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public void Snapshots_of_another_plan_are_refused()
    {
        FinishWithSnapshot();
        Write("other.yaml", Job("where: a > 1", "sink: { csv: out.csv }"));

        Assert.Contains("plan", Refused("other.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public void Output_that_was_removed_since_the_snapshot_is_refused()
    {
        FinishWithSnapshot();
        File.Delete(At("out.csv"));

        Assert.Contains("cannot resume: there is neither out.csv.partial nor out.csv", Refused("job.yaml"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Folder, "out.*"));
    }

    [Fact]
    public void A_folder_without_snapshots_is_refused()
    {
        FinishWithSnapshot();
        Directory.Delete(At("snapshots"), recursive: true);

        Assert.Contains("cannot resume: there is no folder snapshots", Refused("job.yaml"), StringComparison.Ordinal);
        Directory.CreateDirectory(At("snapshots"));
        Assert.Contains("cannot resume: ", Refused("job.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public void Snapshots_with_a_flipped_or_missing_byte_are_refused_and_change_nothing()
    {
        FinishWithSnapshot();
        string[] files = [.. Directory.GetFiles(At("snapshots"), "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != ".lock")];
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            byte[] whole = File.ReadAllBytes(file);
            byte[] flipped = [.. whole];
            flipped[^1] ^= 1;
            File.WriteAllBytes(file, flipped);
            Assert.Contains("cannot resume: ", Refused("job.yaml"), StringComparison.Ordinal);
            File.WriteAllBytes(file, whole[..^1]);
            Assert.Contains("cannot resume: ", Refused("job.yaml"), StringComparison.Ordinal);
            File.WriteAllBytes(file, whole);
        }

        Assert.Equal("a,b\n1,2\n3,4\n", Read("out.csv"));
        ProgramResult result = Culvert("run", "job.yaml", "--snapshots", "snapshots", "--resume");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("resumed from the snapshot", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_folder_that_another_run_has_open_is_refused()
    {
        Write("job.yaml", "job: endless\nsource: { generate: sensors, with: { rate: 1000 } }\nsink: { jsonl: '-' }\n");
        using Process first = CulvertProgram.Start(Folder, "run", "job.yaml", "--snapshots", "snapshots");
        Assert.NotNull(first.StandardOutput.ReadLine());

        ProgramResult second = Culvert("run", "job.yaml", "--snapshots", "snapshots");
        first.Kill();
        first.WaitForExit();

        Assert.Equal((1, ""), (second.ExitCode, second.Out));
        Assert.Contains("snapshots", second.Error, StringComparison.Ordinal);
    }

    private void FinishWithSnapshot()
    {
        Write("in.csv", "a,b\n1,2\n3,4\n");
        Write("job.yaml", Job("where: a > 0", "sink: { csv: out.csv }"));
        Assert.Equal(0, Culvert("run", "job.yaml", "--snapshots", "snapshots").ExitCode);
    }

    private string Refused(string job)
    {
        ProgramResult result = Culvert("run", job, "--snapshots", "snapshots", "--resume");
        Assert.Equal((1, ""), (result.ExitCode, result.Out));
        return result.Error;
    }

    /// <summary>Lets a run write something, and stops it.</summary>
    private ProgramResult Stop(int signal, int exitCode, params string[] arguments)
    {
        long before = Written();
        using Process process = CulvertProgram.Start(Folder, arguments);
        while (Written() <= before && !process.HasExited)
        {
            Thread.Yield();
        }

        CulvertProgram.Signal(process, signal);
        ProgramResult result = CulvertProgram.Finish(process);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains("culvert: stopped after ", result.Error, StringComparison.Ordinal);
        return result;
    }

    private long Written() => Directory.GetFiles(Folder, "out.*.partial").Sum(f => new FileInfo(f).Length);

    private bool HasSnapshot(DateTime since = default) => Directory.Exists(At("snapshots/manifests"))
        && Directory.GetFiles(At("snapshots/manifests")).Any(f => File.GetLastWriteTimeUtc(f) > since);

    /// <summary>Two sinks, one of rows as they come and one of Lua's states at the end; Lua takes the time in which to be killed.</summary>
    private void MakeKillableJob(int files, int rowsPerFile)
    {
        for (int i = 0; i < files; i++)
        {
            Assert.Equal(0, Culvert("generate", "flights", "--rows", $"{rowsPerFile}", "--seed", $"{i + 1}", "-o", $"part-{i:00}.csv").ExitCode);
        }

        Write("filter.lua", "function filter(e)\n  local x = 0\n  for i = 1, 100 do x = x + i end\n  return e.ArrDelay ~= nil and e.ArrDelay > 0 and x > 0\nend\n");
        Write("reduce.lua", "initial = { n = 0, total = 0 }\nfunction reduce(a, e) a.n = a.n + 1 a.total = a.total + e.ArrDelay return a end\nfunction finish(a) return { n = a.n, total = a.total } end\n");
        Write("job.yaml", """
            job: killable
            source:
              csv: part-*.csv
              missing: [NA, ""]
              types: { UniqueCarrier: text, ArrDelay: 'int32?', FlightNum: 'int32?' }
            stages:
              - select: [UniqueCarrier, FlightNum, ArrDelay]
              - name: late
                lua: { filter: filter.lua }
              - name: carriers
                lua: { reduce: reduce.lua, by: UniqueCarrier, returns: { n: int64, total: int64 } }
            sinks:
              - { csv: late.csv, from: late }
              - { csv: carriers.csv, from: carriers }
            """);
    }
}
