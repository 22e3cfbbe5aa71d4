using Culvert.Simulation;
using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>
/// A storage provider in a simulated world: calls take their time to it and back, and what is done is done when they arrive,
/// whether or not the caller lives to hear of it. It is honest, unless <see cref="Lies"/> says otherwise.
/// </summary>
internal sealed class SimulatedCloud
{
    private readonly World _world;
    private readonly Dice _dice;
    private readonly Dictionary<string, List<Stored>> _objects = new(StringComparer.Ordinal);
    private readonly List<string> _names = []; // in ordinal order, of what is or was there

    internal SimulatedCloud(World world, string name, bool decidesPuts)
    {
        (_world, Name, _dice) = (world, name, world.Dice.Fork());
        LatencyMax = _dice.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(150));
        Traits = new CloudTraits(ConditionalPut: decidesPuts || _dice.Chance(0.7));
        ThrowsWhenStopped = _dice.Chance(0.1);
        if (_dice.Chance(0.3))
        {
            BlocksLate = _dice.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(600));
        }
    }

    internal string Name { get; }

    internal CloudTraits Traits { get; }

    /// <summary>The longest time on the way, one way.</summary>
    internal TimeSpan LatencyMax { get; set; }

    /// <summary>How long after it was put a block is there to be read: the cloud is eventually consistent.</summary>
    internal TimeSpan BlocksLate { get; set; }

    /// <summary>A call that is cancelled ends with an exception, and else with a failure.</summary>
    internal bool ThrowsWhenStopped { get; }

    /// <summary>How it is faulty; null: it is not.</summary>
    internal CloudLies? Lies { get; set; }

    internal World World => _world;

    internal Dice Dice => _dice;

    /// <summary>All names that it has, or ever had.</summary>
    internal IReadOnlyList<string> Names => _names;

    /// <summary>Loses everything.</summary>
    internal void Wipe()
    {
        _objects.Clear();
        _names.Clear();
    }

    /// <summary>The cloud as a process sees it.</summary>
    internal ICloud For(SimulatedNode node) => new ClientOfCloud(this, node);

    internal TimeSpan OneWay() => Lies?.Delay(_dice) ?? _dice.Between(TimeSpan.FromMilliseconds(1), LatencyMax);

    internal byte[]? Find(string name) => Find(name, _world.Now);

    /// <summary>What there was under a name at some time.</summary>
    internal byte[]? Find(string name, TimeSpan time) =>
        _objects.TryGetValue(name, out List<Stored>? versions) ? versions.FindLast(version => version.VisibleAt <= time)?.Bytes : null;

    /// <summary>What was put under a name before; what it never had too, since a liar can keep everything.</summary>
    internal IReadOnlyList<byte[]> Past(string name) => _objects.TryGetValue(name, out List<Stored>? versions) ? [.. versions.Select(v => v.Bytes).OfType<byte[]>()] : [];

    internal List<(string Name, int Bytes)> List(string prefix, TimeSpan time)
    {
        List<(string Name, int Bytes)> there = [];
        int first = _names.BinarySearch(prefix, StringComparer.Ordinal);
        for (int at = first < 0 ? ~first : first; at < _names.Count && _names[at].StartsWith(prefix, StringComparison.Ordinal); at++)
        {
            if (Find(_names[at], time) is { } bytes)
            {
                there.Add((_names[at], bytes.Length));
            }
        }

        return there;
    }

    internal bool IsThere(string name) => _objects.TryGetValue(name, out List<Stored>? versions) && versions[^1].Bytes is not null;

    internal void Store(string name, byte[]? bytes)
    {
        if (!_objects.TryGetValue(name, out List<Stored>? versions))
        {
            _objects.Add(name, versions = []);
            _names.Insert(~_names.BinarySearch(name, StringComparer.Ordinal), name);
        }

        bool isLate = bytes is not null && name.Contains("/b/", StringComparison.Ordinal);
        versions.Add(new Stored(bytes, isLate ? _world.Now + BlocksLate : _world.Now));
    }

    private sealed record Stored(byte[]? Bytes, TimeSpan VisibleAt);
}
