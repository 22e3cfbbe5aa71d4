using System.Diagnostics;
using System.Globalization;
using System.Text;
using Culvert.Enclaves.Simulation;

namespace Culvert.Enclaves.Tests.Simulation;

public class SimulationBackendTests
{
    [Fact]
    public void It_says_that_it_protects_nobody_from_the_host()
    {
        SimulationBackend backend = new();

        Assert.Equal("simulation", backend.Name);
        Assert.False(backend.ProtectsFromHost);
    }

    [Fact]
    public async Task An_enclave_starts_and_answers_and_ends_with_its_channel()
    {
        using RunningEnclave running = new();
        Assert.Equal("hello", running.Ask("echo hello"));
        Assert.False(running.Enclave.HasEnded);

        running.Enclave.Channel.EndSending();
        Assert.Equal(ReceiveStatus.Ended, running.Enclave.Channel.Receive(RunningEnclave.Patience, out _));
        EnclaveEnd end = await running.Enclave.Ended.WaitAsync(RunningEnclave.Patience, TestContext.Current.CancellationToken);
        Assert.Equal((0, null), (end.ExitCode, end.Signal));
    }

    [Fact]
    public void Messages_longer_than_the_rings_pass()
    {
        using RunningEnclave running = new(new EnclaveOptions { RingBytes = EnclaveOptions.RingBytesMin });
        string text = new('x', 1_000_000);

        Assert.Equal(text, running.Ask("echo " + text));
    }

    [Fact]
    public void Several_enclaves_run_beside_each_other()
    {
        using RunningEnclave one = new();
        using RunningEnclave two = new();

        Assert.Equal("1", one.Ask("echo 1"));
        Assert.Equal("2", two.Ask("echo 2"));
        Assert.NotEqual(one.Enclave.ProcessId, two.Enclave.ProcessId);
    }

    [Fact]
    public async Task A_killed_enclave_is_a_failure_that_the_host_notices()
    {
        using RunningEnclave running = new();
        running.Ask("echo up");
        Process.GetProcessById(running.Enclave.ProcessId!.Value).Kill();

        Assert.Equal(ReceiveStatus.Failed, running.Enclave.Channel.Receive(Timeout.InfiniteTimeSpan, out _));
        Assert.Equal(FailureKind.Io, running.Enclave.Channel.Failure?.Kind);
        Assert.Contains("signal 9", running.Enclave.Channel.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(9, (await running.Enclave.Ended).Signal);
        Assert.Equal(SendStatus.Failed, running.Enclave.Channel.Send(RunningEnclave.Patience, "echo"u8));
    }

    [Theory]
    [InlineData("throw", "unhandled failure")]
    [InlineData("return 7", "exit code 7")]
    [InlineData("overflow", "signal")]
    public void An_enclave_that_fails_is_a_failure_that_says_how(string attempt, string says)
    {
        using RunningEnclave running = new();
        running.Enclave.Channel.Send(RunningEnclave.Patience, Encoding.UTF8.GetBytes(attempt));

        Assert.Equal(ReceiveStatus.Failed, running.Enclave.Channel.Receive(RunningEnclave.Patience, out _));
        Assert.Contains(says, running.Enclave.Channel.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_enclave_that_never_answers_is_a_failure_after_the_time_given()
    {
        using RunningEnclave running = new();
        running.Ask("echo up");

        Outcome<Message> answer = running.Enclave.Channel.Await(TimeSpan.FromMilliseconds(30), "an answer to nothing");
        Assert.Equal(FailureKind.Io, answer.Failure?.Kind);
        Assert.Contains("an answer to nothing", answer.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_never_answers_is_a_failure_inside_after_the_time_given()
    {
        using RunningEnclave running = new();

        Assert.Contains("waited 0.03 s for the host's word", running.Ask("wait"), StringComparison.Ordinal);
    }

    [Fact]
    public void Disposing_ends_an_enclave()
    {
        RunningEnclave running = new();
        running.Ask("echo up");
        running.Dispose();

        Assert.True(running.Enclave.HasEnded);
        Assert.False(Directory.Exists($"/proc/{running.Enclave.ProcessId}"));
        Assert.Equal(ReceiveStatus.Failed, running.Enclave.Channel.TryReceive(out _));
    }

    [Fact]
    public async Task An_enclave_ends_with_its_host()
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [.. OwnArguments(), DyingHost.Argument]) { RedirectStandardOutput = true };
        using Process host = Process.Start(start)!;
        int enclave = int.Parse((await host.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, CultureInfo.InvariantCulture);
        Assert.True(Directory.Exists($"/proc/{enclave}"));

        host.Kill();
        Stopwatch patience = Stopwatch.StartNew();
        while (IsRunning(enclave))
        {
            Assert.True(patience.Elapsed < RunningEnclave.Patience, "the enclave outlives its host");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void A_program_that_is_no_enclave_is_a_failure()
    {
        using IEnclave enclave = new SimulationBackend().Start(new EnclaveOptions { Executable = "/bin/true", Arguments = [] }).Value;

        Assert.Equal(ReceiveStatus.Failed, enclave.Channel.Receive(RunningEnclave.Patience, out _));
        Assert.Equal(FailureKind.Missing, new SimulationBackend().Start(new EnclaveOptions { Executable = "/nowhere/at-all" }).Failure?.Kind);
    }

    [Fact]
    public void A_limit_on_managed_memory_holds()
    {
        using RunningEnclave running = new(new EnclaveOptions { HeapBytesMax = 64 << 20 });

        Assert.Contains("memory of 500 MB", running.Ask("work"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--culvert-enclave")]
    [InlineData("--culvert-enclave 3 -1 65536 1000 x 0 0 - -")]
    [InlineData("--culvert-enclave 3 -1 65537 1000 1 0 0 - -")]
    [InlineData("--culvert-enclave 2 -1 65536 1000 1 0 0 - -")]
    [InlineData("--culvert-enclave 3 -1 65536 0 1 0 0 - -")]
    [InlineData("--culvert-enclave 3 -1 65536 1000 1 -1 0 - -")]
    [InlineData("--culvert-enclave 3 -1 65536 1000 1 0 2 - -")]
    [InlineData("--culvert-enclave 3 -1 65536 1000 1 0 0")]
    [InlineData("--culvert-enclave 3 -1 65536 1000 1 0 0 - - -")]
    [InlineData("--culvert-enclave 3 -1 65536 1000 1 0 0 00 -")]
    [InlineData("--culvert-enclave 3 -1 65536 1000 1 0 0 - /key")]
    public void Arguments_of_another_build_are_refused(string line) => Assert.Null(EnclaveArguments.Parse(line.Split(' ')));

    [Fact]
    public void Arguments_are_read_as_they_were_written()
    {
        EnclaveArguments arguments = new(7, 1 << 20, 5000, 4711, 64, true, "", "");

        Assert.Equal(arguments, EnclaveArguments.Parse(arguments.ToArguments()));
        Assert.True(arguments.HasRestarted);
        EnclaveArguments quotes = arguments with { Measurement = "00ff", KeyFile = "/a key" };
        Assert.Equal(quotes, EnclaveArguments.Parse(quotes.ToArguments()));
    }

    private static string[] OwnArguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(SimulationBackendTests).Assembly.Location] : [];

    /// <summary>Gone, or a zombie that nobody has reaped yet.</summary>
    private static bool IsRunning(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
