namespace Culvert.Enclaves;

/// <summary>A way to run code where its host does not see it. Real ones and the simulation are behind this one interface. Thread safe.</summary>
public interface IEnclaveBackend
{
    /// <summary>What messages, options and results call it: <c>simulation</c>.</summary>
    string Name { get; }

    /// <summary>False where nothing keeps the host from looking inside: whoever relies on such a backend is told so.</summary>
    bool ProtectsFromHost { get; }

    /// <summary>
    /// Starts an enclave and returns at once; whether it came up, the first message or the channel's failure says. Fails
    /// (<see cref="FailureKind.Io"/>, <see cref="FailureKind.Missing"/>) when this machine cannot start one.
    /// </summary>
    Outcome<IEnclave> Start(EnclaveOptions options);
}
