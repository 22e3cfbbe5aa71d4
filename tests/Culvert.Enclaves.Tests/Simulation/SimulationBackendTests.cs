namespace Culvert.Enclaves.Tests.Simulation;

public class SimulationBackendTests
{
    [Fact]
    public void An_enclave_starts_and_answers()
    {
        using RunningEnclave running = new(new EnclaveOptions { ShowsStandardError = true });

        Assert.Equal("hello", running.Ask("echo hello"));
        Assert.Equal("", running.Ask("report"));
    }
}
