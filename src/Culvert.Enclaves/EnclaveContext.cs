namespace Culvert.Enclaves;

/// <summary>What an enclave's program has to work with. There is nothing else: no files, no network, no other processes.</summary>
/// <param name="Channel">Messages to and from the host, which is not trusted. The program's caller disposes it.</param>
/// <param name="Backend">The backend's name: <c>simulation</c>.</param>
/// <param name="Lockdown">What keeps the process closed.</param>
public sealed record EnclaveContext(IMessageChannel Channel, string Backend, LockdownReport Lockdown)
{
    /// <summary>Memory outside for sealed state; null where the host gave none.</summary>
    public Stages.IOutsideMemory? Outside { get; init; }

    /// <summary>Makes evidence of this code; null where the host asked for none.</summary>
    public IQuoter? Quoter { get; init; }
}
