using System.Diagnostics;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Protection;

/// <summary>A run is an owner's process, a host's, and enclaves: none outlives the run, whichever of them ends first.</summary>
public sealed class ProcessDeathTests : SealedWorkFolder
{
    private const int Interrupt = 2;
    private const int Kill = 9;

    /// <summary>What only a hang takes.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("sealed", 0)]
    [InlineData("enclave", 2)]
    public async Task Ctrl_C_ends_all_of_an_endless_run(string protection, int enclaves)
    {
        using Process owner = StartEndless(protection);
        int[] others = await UntilAtWorkAsync(owner, enclaves);

        CulvertProgram.Signal(owner, Interrupt);
        ProgramResult result = CulvertProgram.Finish(owner);

        Assert.Equal(130, result.ExitCode);
        Assert.Contains("what was written so far is not the whole result", result.Error, StringComparison.Ordinal);
        await UntilAsync(() => !others.Any(ProcessTree.Lives));
    }

    [Fact]
    public async Task Ctrl_C_goes_to_all_processes_of_a_terminal_and_the_owner_decides()
    {
        using Process owner = StartEndless("enclave");
        int[] others = await UntilAtWorkAsync(owner, enclaves: 2);

        SignalAll(Interrupt, [.. others, owner.Id]);
        ProgramResult result = CulvertProgram.Finish(owner);

        Assert.Equal(130, result.ExitCode);
        Assert.Contains("culvert: stopped after ", result.Error, StringComparison.Ordinal);
        await UntilAsync(() => !others.Any(ProcessTree.Lives));
    }

    [Theory]
    [InlineData(0, "host")]
    [InlineData(1, "worker")]
    [InlineData(2, "worker")]
    public async Task A_run_whose_host_or_enclave_is_killed_fails_and_says_so(int victim, string named)
    {
        using Process owner = StartEndless("enclave");
        int[] others = await UntilAtWorkAsync(owner, enclaves: 2);

        SignalAll(Kill, others[victim]);
        ProgramResult result = CulvertProgram.Finish(owner);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("flaw of Culvert's", result.Error, StringComparison.Ordinal);
        await UntilAsync(() => !others.Any(ProcessTree.Lives));
    }

    [Theory]
    [InlineData("sealed", 0)]
    [InlineData("enclave", 2)]
    public async Task Host_and_enclaves_go_when_their_owner_is_killed(string protection, int enclaves)
    {
        using Process owner = StartEndless(protection);
        int[] others = await UntilAtWorkAsync(owner, enclaves);

        SignalAll(Kill, owner.Id);

        await UntilAsync(() => !others.Any(ProcessTree.Lives));
        Assert.False(File.Exists(At("out.jsonl")));
    }

    private Process StartEndless(string protection)
    {
        Write("job.yaml", """
            job: endless
            source: { generate: sensors, with: { rate: 1000, disorder: 0s } }
            stages:
              - where: value > -1000
            sink: { jsonl: out.jsonl }
            """);
        return CulvertProgram.Start(Folder, "run", "job.yaml", "--key", "owner.key", "--protection", protection, "--workers", "2");
    }

    /// <summary>Waits until rows have come through, and gives the host's id and behind it the enclaves'.</summary>
    private async Task<int[]> UntilAtWorkAsync(Process owner, int enclaves)
    {
        await UntilAsync(() => owner.HasExited || (File.Exists(At("out.jsonl.partial")) && new FileInfo(At("out.jsonl.partial")).Length > 0));
        Assert.False(owner.HasExited, "the run ended by itself");
        int host = Assert.Single(ProcessTree.ChildrenOf(owner.Id));
        int[] inside = ProcessTree.ChildrenOf(host);
        Assert.Equal(enclaves, inside.Length);
        return [host, .. inside];
    }

    private static void SignalAll(int signal, params int[] processes)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", .. processes.Select(p => p.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_patience);
        while (!condition())
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
