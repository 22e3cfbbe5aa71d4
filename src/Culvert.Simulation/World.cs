using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Culvert.Simulation;

/// <summary>
/// A deterministic world for protocols: virtual time, a network, disks, clocks, chance, processes that crash and start
/// again. One seed fixes all of it. Everything happens on the thread that calls <see cref="Run"/>, one event at a time.
/// </summary>
/// <remarks>
/// Code that awaits the world's ports runs here as it is. No synchronization context is set while the world runs, so what
/// follows an <c>await</c> runs at once when a port completes, with and without <c>ConfigureAwait(false)</c>. Code that
/// leaves for another thread (<c>Task.Run</c>, <c>Task.Yield</c>, a real timer) is not deterministic: the ports refuse it.
/// </remarks>
public sealed class World
{
    /// <summary>More steps than any run of a protocol test needs, and few enough that an endless one fails within seconds.</summary>
    public const long StepsMaxDefault = 2_000_000;

    private readonly PriorityQueue<Event, (long At, long Order)> _events = new();
    private readonly SortedDictionary<string, SimulatedNode> _nodes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SimulatedDisk> _disks = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _sightings = new(StringComparer.Ordinal);
    private readonly List<(string Rule, Func<string?> Violation)> _rules = [];
    private long _order;
    private int _thread;
    private SimulationFailedException? _failure;

    /// <summary>Makes an empty world.</summary>
    /// <param name="seed">Fixes everything that happens.</param>
    /// <param name="traceEntriesMax">Entries that the trace keeps, the newest; default 0: none.</param>
    public World(ulong seed, int traceEntriesMax = 0)
    {
        Seed = seed;
        Dice root = new(seed);
        Dice = root.Fork();
        Chance = root.Fork();
        Network = new Network(this, root.Fork());
        Trace = new Trace(traceEntriesMax);
    }

    /// <summary>What everything follows from.</summary>
    public ulong Seed { get; }

    /// <summary>Virtual time since the world began.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Chance for the scenario: what to build, what to break, when.</summary>
    public Dice Dice { get; }

    /// <summary>What carries messages between nodes.</summary>
    public Network Network { get; }

    /// <summary>What happened.</summary>
    public Trace Trace { get; }

    /// <summary>Events so far.</summary>
    public long Steps { get; private set; }

    /// <summary>A digest of all that happened: two runs of a seed that differ in it are not deterministic.</summary>
    public ulong Fingerprint { get; private set; } = 14695981039346656037;

    /// <summary>The nodes, by name.</summary>
    public IReadOnlyCollection<SimulatedNode> Nodes => _nodes.Values;

    /// <summary>How often something was seen that makes a run worth having: see <see cref="Saw"/>.</summary>
    public IReadOnlyDictionary<string, long> Sightings => _sightings;

    internal Dice Chance { get; }

    /// <summary>Adds a machine and starts its process; on every start <paramref name="start"/> makes a new one, whose state can come from disks only.</summary>
    public SimulatedNode AddNode(string name, Func<SimulatedNode, Process> start)
    {
        SimulatedNode node = new(this, name, start, Chance.Fork());
        _nodes.Add(name, node);
        node.Start();
        return node;
    }

    /// <summary>The node of a name; asking for one that is not there is a programming error.</summary>
    public SimulatedNode Node(string name) => _nodes[name];

    /// <summary>The disk of a name, made at first sight. A disk outlives every crash.</summary>
    public SimulatedDisk Disk(string name)
    {
        if (!_disks.TryGetValue(name, out SimulatedDisk? disk))
        {
            _disks.Add(name, disk = new SimulatedDisk(this, name, Chance.Fork()));
        }

        return disk;
    }

    /// <summary>Does something later, whoever has crashed by then.</summary>
    public void After(TimeSpan delay, Action action) => Schedule(delay, null, 0, action);

    /// <summary>A rule that holds after every event: gives null, or how it is broken, which fails the run.</summary>
    public void Always(string rule, Func<string?> violation) => _rules.Add((rule, violation));

    /// <summary>Notes that something worth testing took place, so that a campaign that never got there can be told.</summary>
    public void Saw(string what) => _sightings[what] = _sightings.GetValueOrDefault(what) + 1;

    /// <summary>Writes to the trace.</summary>
    public void Note(string who, [InterpolatedStringHandlerArgument("")] ref TraceText what)
    {
        if (Trace.IsOn)
        {
            Trace.Add(Now, who, what.Take());
        }
    }

    /// <summary>Ends the run as failed.</summary>
    [DoesNotReturn]
    public void Fail(string message) => throw new SimulationFailedException(message);

    /// <summary>
    /// Ends the phase of faults: from now on the network loses, repeats and parts nothing, disks do not fail, and nodes that
    /// are down are started. What is to happen then has to happen.
    /// </summary>
    public void Calm()
    {
        Note("world", $"calm");
        Network.Calm();
        foreach (SimulatedDisk disk in _disks.Values)
        {
            disk.FailureChance = 0;
        }

        foreach (SimulatedNode node in _nodes.Values)
        {
            if (!node.IsUp)
            {
                node.Start();
            }
        }
    }

    /// <summary>Lets things happen until something is so, or nothing is left, or the steps are used up.</summary>
    public RunEnd Run(Func<bool>? until = null, long stepsMax = StepsMaxDefault)
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        _thread = Environment.CurrentManagedThreadId;
        try
        {
            for (long step = 0; step < stepsMax; step++)
            {
                if (until?.Invoke() == true)
                {
                    return RunEnd.Reached;
                }

                if (!Step())
                {
                    return RunEnd.Quiet;
                }
            }

            return until?.Invoke() == true ? RunEnd.Reached : RunEnd.OutOfSteps;
        }
        finally
        {
            _thread = 0;
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>The world is over: every process is gone, and gives back what it holds outside the garbage collector's sight.</summary>
    public void End()
    {
        foreach (SimulatedNode node in _nodes.Values)
        {
            node.Crash();
        }
    }

    internal void Schedule(TimeSpan delay, SimulatedNode? owner, long incarnation, Action action)
    {
        Guard();
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        _events.Enqueue(new Event(owner, incarnation, action), ((Now + delay).Ticks, _order++));
    }

    /// <summary>The ports call it: code on another thread would make the run depend on the machine.</summary>
    internal void Guard()
    {
        if (_thread != 0 && _thread != Environment.CurrentManagedThreadId)
        {
            throw new InvalidOperationException(
                "code left the world for another thread (Task.Run, Task.Yield, a real timer, a semaphore's waiter): what it does would not replay");
        }
    }

    /// <summary>For failures outside an event's own call, as in what follows an await.</summary>
    internal void FailLater(SimulationFailedException failure) => _failure ??= failure;

    private bool Step()
    {
        while (_events.TryDequeue(out Event next, out (long At, long Order) key))
        {
            if (next.Owner is not null && next.Owner.Incarnation != next.Incarnation)
            {
                continue;
            }

            Now = new TimeSpan(key.At);
            Steps++;
            Mix((ulong)key.At);
            Mix((ulong)key.Order);
            Do(next);
            return true;
        }

        return false;
    }

    private void Do(Event next)
    {
        try
        {
            next.Action();
        }
        catch (Exception failure) when (failure is not SimulationFailedException)
        {
            throw new SimulationFailedException(
                $"{next.Owner?.Name ?? "world"}: {failure.GetType().Name}: {failure.Message}", failure);
        }

        if (_failure is not null)
        {
            throw _failure;
        }

        foreach ((string rule, Func<string?> violation) in _rules)
        {
            if (violation() is { } how)
            {
                throw new SimulationFailedException($"{rule}: {how}");
            }
        }
    }

    private void Mix(ulong value) => Fingerprint = (Fingerprint ^ value) * 1099511628211;

    private readonly record struct Event(SimulatedNode? Owner, long Incarnation, Action Action);
}
