using System.Globalization;
using Culvert.Enclaves.Simulation;

namespace Culvert.Enclaves.Tests.Simulation;

/// <summary>A host in a process of its own: starts an enclave, tells its process id, and waits to be killed.</summary>
internal static class DyingHost
{
    internal const string Argument = "--host-that-dies";

    internal static int Run()
    {
        using IEnclave enclave = new SimulationBackend().Start(new EnclaveOptions()).Value;
        enclave.Channel.Send(RunningEnclave.Patience, "echo up"u8);
        enclave.Channel.Await(RunningEnclave.Patience, "an answer").Value.Dispose();
        Console.WriteLine(enclave.ProcessId!.Value.ToString(CultureInfo.InvariantCulture));
        Thread.Sleep(RunningEnclave.Patience);
        return 1;
    }
}
