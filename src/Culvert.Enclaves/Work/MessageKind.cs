namespace Culvert.Enclaves;

/// <summary>
/// What crosses between a worker and its host (docs/specs/enclave-boundary.md). The numbers are part of the boundary and
/// never change. Each side takes only those of the other's kinds, in the states that the specification gives.
/// </summary>
public enum MessageKind : byte
{
    /// <summary>Worker to host, first: its fresh public keys, and what it runs in.</summary>
    Hello = 1,

    /// <summary>Host to worker, once: plan and code from whoever started the run, keys from the owner's broker, sealed to the key of the hello.</summary>
    Release = 2,

    /// <summary>Worker to host: the release was opened and its plan can run here; with the header of the sealed result, if it writes one.</summary>
    Ready = 3,

    /// <summary>Host to worker: hold a partition, anew or from a snapshot.</summary>
    Assign = 4,

    /// <summary>Both ways: a frame of an edge.</summary>
    Frame = 5,

    /// <summary>Both ways: a partition has completed a round, or finished; what flow is controlled by.</summary>
    Completed = 6,

    /// <summary>Host to worker: sources may start rounds up to this one.</summary>
    Grant = 7,

    /// <summary>Host to worker: take a snapshot at the end of this round.</summary>
    Barrier = 8,

    /// <summary>Worker to host: asks for sealed bytes that the host keeps.</summary>
    Read = 9,

    /// <summary>Host to worker: what a read asked for.</summary>
    Block = 10,

    /// <summary>Worker to host: a sealed blob of a snapshot, to be stored.</summary>
    Store = 11,

    /// <summary>Worker to host: a partition's part of the snapshot is stored.</summary>
    Part = 12,

    /// <summary>Worker to host: sealed bytes of the result.</summary>
    Append = 13,

    /// <summary>Worker to host: it has stopped, and why as far as a host may know.</summary>
    Failed = 14,

    /// <summary>Host to worker: end.</summary>
    Stop = 15,

    /// <summary>Host to worker, once, before the release: what evidence is to be about.</summary>
    Challenge = 16,

    /// <summary>Worker to host: evidence that binds the challenge and the keys of the hello.</summary>
    Evidence = 17,

    /// <summary>Worker to host: what a partition that has finished states, signed (docs/specs/proof.md).</summary>
    Statement = 18,
}
