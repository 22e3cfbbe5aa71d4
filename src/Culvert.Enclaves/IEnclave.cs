namespace Culvert.Enclaves;

/// <summary>A running enclave, seen by its host. Thread safe. Disposing ends it, at once, and waits until it is gone.</summary>
public interface IEnclave : IDisposable
{
    /// <summary>Messages to and from it. Fails when the enclave ends without having ended its sending.</summary>
    IMessageChannel Channel { get; }

    /// <summary>Its process on this machine; null where it has none.</summary>
    int? ProcessId { get; }

    /// <summary>Done when it is gone, with how it ended; never fails.</summary>
    Task<EnclaveEnd> Ended { get; }

    /// <summary>True when it is gone.</summary>
    bool HasEnded { get; }

    /// <summary>What was started: the files that make its code. Hashed when first asked for.</summary>
    EnclaveImage Image { get; }
}
