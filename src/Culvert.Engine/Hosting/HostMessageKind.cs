namespace Culvert.Engine;

/// <summary>What an owner and a host say to each other beside what a worker and a host do; on the owner's channel both kinds travel.</summary>
internal enum HostMessageKind : byte
{
    /// <summary>Owner to host, first: <see cref="HostSettings"/>.</summary>
    Begin = 64,

    /// <summary>Host to owner: the run that the snapshots are of (16 bytes), before anything else of a resumed run.</summary>
    Resuming = 65,

    /// <summary>Host to owner: a worker's number (4 bytes) and its hello.</summary>
    WorkerHello = 67,

    /// <summary>Owner to host: a worker's number (4 bytes) and its release: plan and keys, sealed.</summary>
    WorkerRelease = 68,

    /// <summary>Host to owner: all workers are ready.</summary>
    Started = 69,

    /// <summary>Owner to host: end early, behind a snapshot if those are kept.</summary>
    EndEarly = 70,

    /// <summary>Host to owner, last: how it ended (1 finished, 2 stopped early, 3 failed), a failure's kind, and its text.</summary>
    Ended = 71,

    /// <summary>Owner to host: a worker's number (4 bytes) and what its evidence is to be about.</summary>
    WorkerChallenge = 72,

    /// <summary>Host to owner: a worker's number (4 bytes) and its evidence.</summary>
    WorkerEvidence = 73,

    /// <summary>Host to owner: a worker's number (4 bytes) and what one of its partitions states, signed.</summary>
    WorkerStatement = 74,
}
