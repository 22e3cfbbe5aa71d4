using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Enclaves;

namespace Culvert.Engine;

/// <summary>How an owner runs a plan with protected stages.</summary>
public sealed record OwnerRunOptions
{
    /// <summary>Workers: enclaves that share the enclave stages' partitions, and as many for the sealed stages; default: the machine's processors.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>The file of the sealed result; needed when the plan has a sealed sink.</summary>
    public string? Output { get; init; }

    /// <summary>The folder of snapshots, or with <see cref="SnapshotStore"/> the beginning of units' names; default (null): none.</summary>
    public string? Snapshots { get; init; }

    /// <summary>The configuration of the store that keeps the snapshots, a file; default (null): a folder does.</summary>
    public string? SnapshotStore { get; init; }

    /// <summary>Opens that store for stages in this process; a host brings its own. Default (null): only folders are known.</summary>
    public SnapshotStoreOpening? OpenSnapshotStore { get; init; }

    /// <summary>Time between snapshots; default 10 s.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Goes on from the newest snapshot.</summary>
    public bool Resume { get; init; }

    /// <summary>Bytes of keyed state that each enclave keeps inside; the rest is paged out sealed. Null: all of it.</summary>
    public long? StateBytesMax { get; init; }

    /// <summary>What the workers' <see cref="IPlanBuilder"/> needs beside the plan: scripts, or how to build the job again.</summary>
    public ReadOnlyMemory<byte> Code { get; init; }

    /// <summary>Is told of the run: for a result that is sealed in this process.</summary>
    public RunCoverage? Coverage { get; init; }

    /// <summary>
    /// How long the host may bring nothing that proves that work goes on (frames that complete a round here, new sealed
    /// reports of partitions) before the run fails. A source that waits for input does not count: its rounds are closed
    /// empty, and have to come through. Default 5 minutes; <see cref="Timeout.InfiniteTimeSpan"/>: no limit.
    /// </summary>
    public TimeSpan StallMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Who releases keys to enclaves: a broker elsewhere, or one in this process over a manifest. Null: enclaves get their keys
    /// from the owner's secret without evidence, which is for trying out.
    /// </summary>
    public IKeyBroker? Broker { get; init; }

    /// <summary>
    /// Gives the collateral of this machine, asked for with each enclave's evidence; null: evidence has it, or the broker does.
    /// </summary>
    public Func<ImmutableSortedDictionary<string, ImmutableArray<byte>>>? Collateral { get; init; }

    /// <summary>
    /// How often the <see cref="Broker"/> is asked whether what enclaves were given keys for still stands: what it takes back
    /// ends the run within this time, and within ten times this time where nobody can ask it. A later version of the manifest that takes nothing back opens the next key epoch, where snapshots are kept.
    /// Default 1 minute.
    /// </summary>
    public TimeSpan ReleaseCheckInterval { get; init; } = ReleaseWatch.IntervalDefault;

    /// <summary>Gathers a proof of the result; needs a <see cref="Broker"/>. Null: none.</summary>
    public RunProof? Proof { get; init; }

    /// <summary>Starts a host, and gives the owner's end of the channel to it; default: a process of this program.</summary>
    public Func<IHostConnection>? Host { get; init; }

    /// <summary>What people are to be told once, such as that a backend does not protect.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>The clock; default: the machine's.</summary>
    public IClock Clock { get; init; } = MachineClock.Instance;

    /// <summary>The randomness of keys, salts and ids; default: the machine's.</summary>
    public IEntropy Entropy { get; init; } = MachineEntropy.Instance;
}

/// <summary>A host that was started, and the channel to it. Disposing ends it.</summary>
public interface IHostConnection : IDisposable
{
    /// <summary>The owner's end.</summary>
    IMessageChannel Channel { get; }
}
