using System.Text;
using Culvert.Enclaves.Simulation;

namespace Culvert.Enclaves.Tests.Simulation;

/// <summary>An enclave of the tests' own program.</summary>
internal sealed class RunningEnclave : IDisposable
{
    /// <summary>Long enough for a machine that is busy with other tests; no test waits so long unless it fails.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    internal RunningEnclave(EnclaveOptions? options = null) => Enclave = new SimulationBackend().Start(options ?? new EnclaveOptions()).Value;

    internal IEnclave Enclave { get; }

    internal string Ask(string attempt)
    {
        Assert.Equal(SendStatus.Sent, Enclave.Channel.Send(Patience, Encoding.UTF8.GetBytes(attempt)));
        Outcome<Message> answer = Enclave.Channel.Await(Patience, $"the answer to '{attempt}'");
        Assert.True(answer.Succeeded, answer.Failure?.Message);
        using Message message = answer.Value;
        return Encoding.UTF8.GetString(message.Bytes);
    }

    public void Dispose() => Enclave.Dispose();
}
