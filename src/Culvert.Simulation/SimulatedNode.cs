using System.Runtime.CompilerServices;

namespace Culvert.Simulation;

/// <summary>
/// A machine of a world, and the ports of the process on it. What a process asked for before a crash (timers, puts,
/// delays, messages to it) does not reach the process after it.
/// </summary>
public sealed class SimulatedNode
{
    private readonly Func<SimulatedNode, Process> _start;
    private readonly Dice _chance;
    private readonly List<MountedDisk> _mounted = [];
    private readonly SimulatedClock _clock;

    internal SimulatedNode(World world, string name, Func<SimulatedNode, Process> start, Dice chance)
    {
        World = world;
        Name = name;
        _start = start;
        _chance = chance;
        _clock = new SimulatedClock(this);
        Entropy = new SimulatedEntropy(chance.Fork());
    }

    /// <summary>Where it is.</summary>
    public World World { get; }

    /// <summary>Its name; unique in the world.</summary>
    public string Name { get; }

    /// <summary>The process, or null while the node is down.</summary>
    public Process? Process { get; private set; }

    /// <summary>Whether the process runs.</summary>
    public bool IsUp => Process is not null;

    /// <summary>How often it has started or crashed.</summary>
    public long Incarnation { get; private set; }

    /// <summary>The machine's clock, which may be wrong: see <see cref="ClockSkew"/> and <see cref="ClockRate"/>.</summary>
    public IClock Clock => _clock;

    /// <summary>By how much <see cref="IClock.UtcNow"/> is ahead of the world's time; default zero.</summary>
    public TimeSpan ClockSkew { get; set; }

    /// <summary>How fast the clock goes; default 1, greater than 0.</summary>
    public double ClockRate { get; set; } = 1;

    /// <summary>Chance as the process sees it, from the seed.</summary>
    public IEntropy Entropy { get; }

    internal TimeSpan StartedAt { get; private set; }

    /// <summary>The node's own disk.</summary>
    public IBlobs Disk => Mount(World.Disk(Name));

    /// <summary>A disk as this process sees it; puts that are under way when it crashes may or may not come to be.</summary>
    public IBlobs Mount(SimulatedDisk disk)
    {
        foreach (MountedDisk known in _mounted)
        {
            if (known.Disk == disk)
            {
                return known;
            }
        }

        MountedDisk mounted = new(disk, this, Incarnation);
        _mounted.Add(mounted);
        return mounted;
    }

    /// <summary>Sends a message to a node by name. Messages are immutable: the network may deliver one twice.</summary>
    public void Send(string to, object message) => World.Network.Send(Name, to, message);

    /// <summary>Calls <see cref="Process.OnTimer"/> after a time by this node's clock.</summary>
    public void SetTimer(TimeSpan delay, object timer) => After(delay, () => Process!.OnTimer(timer));

    /// <summary>Does something after a time by this node's clock, unless the process is gone by then.</summary>
    public void After(TimeSpan delay, Action action) =>
        World.Schedule(new TimeSpan((long)(delay.Ticks / ClockRate)), this, Incarnation, action);

    /// <summary>Runs asynchronous code of the process; an exception that leaves it fails the run.</summary>
    public void Spawn(Func<Task> work) => After(TimeSpan.Zero, () => _ = Watch(work));

    /// <summary>Writes to the world's trace, under this node's name.</summary>
    public void Note([InterpolatedStringHandlerArgument("")] ref NodeTraceText what)
    {
        if (World.Trace.IsOn)
        {
            World.Trace.Add(World.Now, Name, what.Take());
        }
    }

    /// <summary>Ends the process at once. Nothing happens when it is down.</summary>
    public void Crash()
    {
        if (Process is not { } process)
        {
            return;
        }

        World.Note(Name, $"crashes");
        Incarnation++;
        foreach (MountedDisk mounted in _mounted)
        {
            mounted.Crash(_chance);
        }

        _mounted.Clear();
        Process = null;
        process.OnGone();
    }

    /// <summary>Starts a new process; starting a node that is up is a programming error.</summary>
    public void Start()
    {
        Invariant.Holds(!IsUp);
        World.Note(Name, $"starts");
        Incarnation++;
        StartedAt = World.Now;
        Process = _start(this);
        Process process = Process;
        World.Schedule(TimeSpan.Zero, this, Incarnation, process.OnStart);
    }

    /// <summary>Starts again after a time.</summary>
    public void Restart(TimeSpan delay) => World.After(delay, () =>
    {
        if (!IsUp)
        {
            Start();
        }
    });

    private async Task Watch(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            World.FailLater(failure as SimulationFailedException
                ?? new SimulationFailedException($"{Name}: {failure.GetType().Name}: {failure.Message}", failure));
        }
    }
}
