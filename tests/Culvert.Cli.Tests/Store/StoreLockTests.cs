using System.Diagnostics;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Stores;

public class StoreLockTests : StoreFolder
{
    [Fact]
    public void A_command_runs_under_the_lease_and_its_code_is_the_code()
    {
        Done("store", "init");
        Put("a", "0");

        ProgramResult result = Ended(7, "store", "lock", "a", "--", "sh", "-c", """
            echo one | "$0" store put a - && "$0" store gc a --keep 1 && "$0" store lock a --wait 5m -- true; echo "inner $?"; echo $CULVERT_STORE_LOCK; exit 7
            """, CulvertProgram.Path);

        Assert.Equal("a: version 2, 4 bytes\n1 units: 1 versions removed\ninner 1\na\n", result.Out);
        Assert.Contains("a is locked by the 'store lock' that this runs under", result.Error, StringComparison.Ordinal);
        Done("store", "lock", "a", "--", "true");
        Assert.Empty(Leases());
        Assert.Contains("cannot start no-such-command", Ended(1, "store", "lock", "a", "--", "no-such-command").Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_writer_waits_as_long_as_it_is_told_to()
    {
        Done("store", "init");
        using Process first = CulvertProgram.Start(Folder, "store", "lock", "a", "--", "sh", "-c", "echo ready; read line; echo bye");
        Assert.Equal("ready", await first.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Contains("locked by writer", Ended(1, "store", "lock", "a", "--", "true").Error, StringComparison.Ordinal);

        using Process second = CulvertProgram.Start(Folder, "store", "lock", "a", "--wait", "5m", "--", "echo", "mine");
        Assert.False(second.HasExited);
        await first.StandardInput.WriteLineAsync("go");
        ProgramResult bye = CulvertProgram.Finish(first);

        Assert.Equal((0, "bye\n"), (bye.ExitCode, bye.Out));
        Assert.Equal((0, "mine\n"), (CulvertProgram.Finish(second) is var done ? done.ExitCode : -1, done.Out));
    }

    [Fact]
    public async Task A_command_whose_lease_cannot_be_renewed_is_ended_before_another_may_write()
    {
        Done("store", "init");
        using Process locked = CulvertProgram.Start(
            Folder, "store", "lock", "a", "--lease", "21s", "--", "sh", "-c", "trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.1; done");
        Assert.Equal("ready", await locked.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Directory.Move(At("cloud-a"), At("away-a"));
        Directory.Move(At("cloud-b"), At("away-b"));

        ProgramResult result = CulvertProgram.Finish(locked);

        Assert.Equal((75, "asked\n"), (result.ExitCode, result.Out));
        Assert.Contains("the lease ", result.Error, StringComparison.Ordinal);
        Assert.Contains("what it wrote last may not count", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Inside_a_lock_only_what_is_locked_is_written()
    {
        Done("store", "init");
        Put("b", "0");
        Directory.CreateDirectory(At("in"));
        Write("in/c", "1");

        ProgramResult result = Ended(0, "store", "lock", "a", "--", "sh", "-c", """
            for command in "put b in/c" "rm b" "import in"; do "$0" store $command; echo "$command: $?"; done
            "$0" store lock b -- sh -c '"$0" store put a in/c && "$0" store put b in/c' "$0"
            "$0" store gc --keep 1
            "$0" store rm a
            """, CulvertProgram.Path);

        Assert.Equal("put b in/c: 1\nrm b: 1\nimport in: 1\na: version 1, 1 bytes\nb: version 2, 1 bytes\n2 units: 1 versions removed\n", result.Out);
        Assert.Equal(2, result.Error.Split("culvert: this runs under the lock of a, and b is another unit").Length - 1);
        Assert.Contains("under the lock of a, and c is another unit: write it outside, or under a lock of its own inside (store lock c -- COMMAND)", result.Error, StringComparison.Ordinal);
        Assert.Equal("b\n", Done("store", "ls"));
        Assert.Empty(Leases());
        Assert.Empty(Directory.GetFiles(At("clouds.state/leases")));
    }

    [Fact]
    public void Nothing_is_written_under_a_lock_that_is_over()
    {
        Done("store", "init");
        string path = Done("store", "lock", "a", "--", "sh", "-c", "cp $CULVERT_STORE_LEASE kept && echo $CULVERT_STORE_LEASE").TrimEnd();
        (string, string) inherited = ("CULVERT_STORE_LEASE", path);

        ProgramResult gone = CulvertProgram.Run(Folder, new MemoryStream([1]), ["store", "put", "a", "-"], inherited);
        Assert.Equal((1, ""), (gone.ExitCode, gone.Out));
        Assert.Contains("holds its lease no more", gone.Error, StringComparison.Ordinal);

        // The file is there, as after a machine's death, and says a time that is less than the clocks' margin away.
        string[] lines = Read("kept").Split('\n');
        lines[2] = DateTimeOffset.UtcNow.AddSeconds(9).ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        Write("kept", string.Join('\n', lines));
        ProgramResult ended = CulvertProgram.Run(Folder, new MemoryStream([1]), ["store", "put", "a", "-"], ("CULVERT_STORE_LEASE", At("kept")));
        Assert.Equal((1, ""), (ended.ExitCode, ended.Out));
        Assert.Contains("a: the lease of the 'store lock' that this runs under has ended", ended.Error, StringComparison.Ordinal);
        Assert.Equal("", Done("store", "ls"));
    }

    [Theory]
    [InlineData(2, 130)]
    [InlineData(15, 143)]
    public async Task A_signal_goes_to_the_command_and_the_lease_is_given_back(int signal, int code)
    {
        Done("store", "init");
        using Process locked = CulvertProgram.Start(
            Folder, "store", "lock", "a", "--", "sh", "-c", "trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 0.1; done");
        Assert.Equal("ready", await locked.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.NotEmpty(Leases());

        CulvertProgram.Signal(locked, signal);
        ProgramResult result = CulvertProgram.Finish(locked);

        Assert.Equal((code, "asked\n"), (result.ExitCode, result.Out));
        Assert.Empty(Leases());
    }

    private string[] Leases() => [.. Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Where(path => path.Contains("/u/a/l/", StringComparison.Ordinal))];
}
