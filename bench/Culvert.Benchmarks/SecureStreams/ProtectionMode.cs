namespace Culvert.Benchmarks.SecureStreams;

/// <summary>The three modes of the published evaluation.</summary>
public enum ProtectionMode
{
    /// <summary>Everything in the clear, by reference, in one process.</summary>
    Open,

    /// <summary>Sealed frames and files; worker threads of a process of its own hold the keys.</summary>
    Sealed,

    /// <summary>Sealed frames and files, opened only in enclaves; the host has no key.</summary>
    Enclave,
}
