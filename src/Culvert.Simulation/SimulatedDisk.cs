namespace Culvert.Simulation;

/// <summary>
/// Stored bytes that outlive crashes. A blob is there whole or not at all; what was under way when the process that asked
/// for it crashed may have come to be or not, whatever was asked first.
/// </summary>
public sealed class SimulatedDisk
{
    private readonly SortedDictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);

    internal SimulatedDisk(World world, string name, Dice chance) => (World, Name, Chance) = (world, name, chance);

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The longest that an operation takes; default 5 ms. Operations overtake each other.</summary>
    public TimeSpan LatencyMax { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The share of operations that fail with <see cref="IOException"/> and change nothing, 0 to 1; default 0.</summary>
    public double FailureChance { get; set; }

    /// <summary>The bytes that it holds at most; a put beyond fails with <see cref="IOException"/>. Default: no limit.</summary>
    public long BytesMax { get; set; } = long.MaxValue;

    /// <summary>What is stored, in ordinal order of names.</summary>
    public IReadOnlyDictionary<string, byte[]> Blobs => _blobs;

    /// <summary>The bytes stored.</summary>
    public long Bytes { get; private set; }

    internal World World { get; }

    internal Dice Chance { get; }

    /// <summary>Flips one bit of one stored blob and gives the blob's name; null when there is no bit to flip.</summary>
    public string? Rot()
    {
        string[] names = [.. _blobs.Where(b => b.Value.Length > 0).Select(b => b.Key)];
        if (names.Length == 0)
        {
            return null;
        }

        string name = Chance.Pick(names);
        byte[] rotten = [.. _blobs[name]];
        int bit = Chance.Below(rotten.Length * 8);
        rotten[bit >> 3] ^= (byte)(1 << (bit & 7));
        _blobs[name] = rotten;
        World.Note(Name, $"bit {bit} of {name} rots");
        return name;
    }

    internal byte[]? Find(string name) => _blobs.GetValueOrDefault(name);

    internal IReadOnlyList<string> List(string prefix) =>
        [.. _blobs.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];

    internal void Put(string name, byte[] content)
    {
        long after = Bytes - (Find(name)?.Length ?? 0) + content.Length;
        if (after > BytesMax)
        {
            throw new IOException($"no space left on the disk {Name}");
        }

        _blobs[name] = content;
        Bytes = after;
    }

    internal void Delete(string name)
    {
        Bytes -= Find(name)?.Length ?? 0;
        _blobs.Remove(name);
    }
}
