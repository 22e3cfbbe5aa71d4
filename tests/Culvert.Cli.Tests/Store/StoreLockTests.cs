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
            echo one | "$0" store put a - && "$0" store gc a --keep 1 && "$0" store lock a -- true; echo "inner $?"; echo $CULVERT_STORE_LOCK; exit 7
            """, CulvertProgram.Path);

        Assert.Equal("a: version 2, 4 bytes\n1 units: 1 versions removed\ninner 1\na\n", result.Out);
        Assert.Contains("a: locked by writer ", result.Error, StringComparison.Ordinal);
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

        Assert.Equal((1, "asked\n"), (result.ExitCode, result.Out));
        Assert.Contains("the lease ", result.Error, StringComparison.Ordinal);
        Assert.Contains("what it wrote last may not count", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_goes_to_the_command_and_the_lease_is_given_back()
    {
        Done("store", "init");
        using Process locked = CulvertProgram.Start(
            Folder, "store", "lock", "a", "--", "sh", "-c", "trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 0.1; done");
        Assert.Equal("ready", await locked.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.NotEmpty(Leases());

        CulvertProgram.Signal(locked, 15);
        ProgramResult result = CulvertProgram.Finish(locked);

        Assert.Equal((143, "asked\n"), (result.ExitCode, result.Out));
        Assert.Empty(Leases());
    }

    private string[] Leases() => [.. Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Where(path => path.Contains("/u/a/l/", StringComparison.Ordinal))];
}
