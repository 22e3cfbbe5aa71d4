using System.Globalization;
using System.Runtime.InteropServices;
using Culvert.Enclaves.Linux;

namespace Culvert.Enclaves.Tests.Simulation;

/// <summary>What code inside an enclave cannot do, tried from inside.</summary>
public class LockdownTests(LockdownTests.OneEnclave enclave) : IClassFixture<LockdownTests.OneEnclave>
{
    /// <summary>One for all attempts: none of them may end it.</summary>
    public sealed class OneEnclave : IDisposable
    {
        private readonly RunningEnclave _running = new();

        internal IEnclave Enclave => _running.Enclave;

        internal string Ask(string attempt) => _running.Ask(attempt);

        public void Dispose() => _running.Dispose();
    }

    [Fact]
    public void All_of_the_lockdown_is_reported_to_be_in_force() =>
        Assert.Equal(new LockdownReport(Landlock.Abi, Seccomp: true, NoNewPrivileges: true, NotDumpable: true).ToString(), enclave.Ask("report"));

    [Theory]
    [InlineData("read /etc/passwd")]
    [InlineData("read /proc/self/environ")]
    [InlineData("list /")]
    [InlineData("socket")]
    [InlineData("start /bin/true")]
    [InlineData("library libz.so.1")]
    public void What_it_does_not_need_is_closed(string attempt) => Assert.StartsWith("refused", enclave.Ask(attempt), StringComparison.Ordinal);

    [Fact]
    public void It_writes_no_file()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

        Assert.StartsWith("refused", enclave.Ask("write " + path), StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void It_reads_nothing_of_its_hosts_memory() =>
        Assert.StartsWith("refused", enclave.Ask($"read /proc/{Environment.ProcessId}/mem"), StringComparison.Ordinal);

    [Fact]
    public void It_loads_no_assembly_from_disk() =>
        Assert.StartsWith("refused", enclave.Ask("assembly " + Path.Combine(AppContext.BaseDirectory, "xunit.runner.visualstudio.testadapter.dll")), StringComparison.Ordinal);

    // socket, connect, ptrace, process_vm_readv, memfd_create, io_uring_setup, unshare, setns, bpf, perf_event_open,
    // userfaultfd, mount, execve, fork, vfork, clone of a process, kill of anybody.
    [Theory]
    [InlineData("41 2 1 0")]
    [InlineData("42 0")]
    [InlineData("101 0")]
    [InlineData("310 1")]
    [InlineData("319 0")]
    [InlineData("425 1")]
    [InlineData("272 0")]
    [InlineData("308 0")]
    [InlineData("321 0")]
    [InlineData("298 0")]
    [InlineData("323 0")]
    [InlineData("165 0")]
    [InlineData("59 0")]
    [InlineData("57")]
    [InlineData("58")]
    [InlineData("56 17")]
    [InlineData("62 1 0")]
    [InlineData("157 4 1")]
    public void System_calls_for_anything_else_are_closed(string call)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the numbers are those of x64");
        Assert.Equal("refused: errno 1", enclave.Ask("call " + call));
    }

    [Fact]
    public void Signals_to_other_processes_are_closed()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the numbers are those of x64");
        string host = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

        Assert.Equal("refused: errno 1", enclave.Ask($"call 234 {host} {host} 0"));
    }

    [Fact]
    public void Everything_an_engine_does_still_works() => Assert.Equal("done: 13", enclave.Ask("work"));

    [Fact]
    public void Nothing_of_the_hosts_environment_reaches_it()
    {
        Environment.SetEnvironmentVariable("DOTNET_gcServer", "1");
        Environment.SetEnvironmentVariable("LD_PRELOAD", "/nowhere/evil.so");
        using RunningEnclave another = new();

        string[] expected = ["DOTNET_EnableDiagnostics", "DOTNET_EnableWriteXorExecute", "DOTNET_ROOT", "OPENSSL_CONF"];
        Assert.Equal(expected, another.Ask("environment").Split(' '));
        Environment.SetEnvironmentVariable("DOTNET_gcServer", null);
        Environment.SetEnvironmentVariable("LD_PRELOAD", null);
    }

    [Fact]
    public void It_leaves_no_core_file_and_has_no_files_of_its_hosts()
    {
        enclave.Ask("echo ready");
        string process = $"/proc/{enclave.Enclave.ProcessId}";
        string core = File.ReadLines(process + "/limits").Single(line => line.StartsWith("Max core file size", StringComparison.Ordinal));

        Assert.Equal(["0", "0"], core.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4..6]);
    }

    [Fact]
    public void Another_process_of_the_same_user_cannot_look_into_it()
    {
        ulong effective = ulong.Parse(
            File.ReadLines("/proc/self/status").Single(line => line.StartsWith("CapEff:", StringComparison.Ordinal))[7..].Trim(),
            NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Assert.SkipWhen((effective >> 19 & 1) == 1, "these tests run with CAP_SYS_PTRACE, before which nothing is hidden");

        enclave.Ask("echo ready");
        Assert.ThrowsAny<UnauthorizedAccessException>(() => File.ReadAllBytes($"/proc/{enclave.Enclave.ProcessId}/environ"));
        Assert.ThrowsAny<UnauthorizedAccessException>(() => File.OpenRead($"/proc/{enclave.Enclave.ProcessId}/mem").Dispose());
    }
}
