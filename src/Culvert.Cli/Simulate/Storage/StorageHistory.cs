using Culvert.Simulation;
using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>One write of a unit: a put, or a removal.</summary>
internal sealed class StorageWrite(string unit, byte[]? content, TimeSpan begun, string writer)
{
    internal string Unit => unit;

    /// <summary>What was put; null: the unit was removed, or was never there.</summary>
    internal byte[]? Content => content;

    internal TimeSpan Begun => begun;

    internal string Writer => writer;

    /// <summary>When it was confirmed; never, for one that failed or whose writer died: it may still be seen, or not.</summary>
    internal TimeSpan Ended { get; set; } = TimeSpan.MaxValue;

    /// <summary>What its writer was told; null: nothing.</summary>
    internal PutReceipt? Receipt { get; set; }

    public override string ToString() => content is null ? $"the removal of {unit} by {writer} at {begun}" : $"what {writer} put at {begun} as {unit} ({content.Length} bytes)";
}

/// <summary>
/// What was written and read in one world, and whether that is regular (Lamport, On interprocess communication, 1986; for several
/// writers: Shao, Welch, Pierce, Lee, 2011): a read gives what some write before its end wrote, and none that a complete write
/// replaced which was complete before the read began.
/// </summary>
/// <param name="world">Where.</param>
/// <param name="isRegular">No more than f clouds lie: reads are regular.</param>
/// <param name="decidesRecords">Every cloud has conditional puts.</param>
internal sealed class StorageHistory(World world, bool isRegular, bool decidesRecords)
{
    // What is told of a unit when something is wrong with it.
    private const int ToldMax = 30;

    private readonly List<StorageWrite> _writes = [];
    private readonly List<StorageRead> _reads = [];
    private bool _isRegular = isRegular;
    private readonly Dictionary<(string Client, string Unit), long> _seen = [];
    private readonly Dictionary<(string Unit, long Counter), StorageWrite> _records = [];

    /// <summary>From now on only bytes and memories are claimed to be right.</summary>
    internal void Loosen() => _isRegular = false;

    internal StorageWrite Begin(string unit, byte[]? content, string writer)
    {
        StorageWrite write = new(unit, content, world.Now, writer);
        _writes.Add(write);
        return write;
    }

    /// <summary>What a read gave: from an offset on, so many bytes as there were up to a length; null: there was no unit.</summary>
    internal void Read(string reader, string unit, TimeSpan begun, byte[]? given, int offset, int length)
    {
        StorageWrite[] written = [.. _writes.Where(write => write.Unit == unit)];
        StorageWrite[] fitting = [.. written.Where(write => Fits(write, given, offset, length))];
        bool wasNeverThere = given is null;
        _reads.Add(new StorageRead(reader, unit, begun, world.Now, given, fitting.LastOrDefault()));
        if (fitting.Length == 0 && !wasNeverThere)
        {
            world.Fail($"{reader} got wrong bytes of {unit}: {given!.Length} that nobody put{Told(unit)}");
        }

        if (!_isRegular)
        {
            return;
        }

        // Before the first write there was nothing: as if written before the world began.
        TimeSpan[] ends = [.. fitting.Select(write => write.Ended), .. wasNeverThere ? new[] { TimeSpan.MinValue } : []];
        StorageWrite? replacing = written.FirstOrDefault(write =>
            write.Ended < begun && ends.All(end => end < write.Begun));
        if (replacing is not null)
        {
            world.Fail(
                $"{reader} got an old version of {unit} ({fitting.LastOrDefault()?.ToString() ?? "nothing"}): {replacing} was confirmed at {replacing.Ended}, and the read began at {begun}{Told(unit)}");
        }
    }

    /// <summary>A client with a state folder never goes back.</summary>
    internal void Saw(string client, string unit, RecordVersion record)
    {
        long before = _seen.GetValueOrDefault((client, unit));
        if (record.Counter < before)
        {
            world.Fail($"{client} went back from record {before} of {unit} to {record}{Told(unit)}");
        }

        _seen[(client, unit)] = record.Counter;
    }

    /// <summary>
    /// A put was confirmed. Where every cloud decides itself which record of a counter comes first, no two can be confirmed under one
    /// counter: n - f clouds have each, and a correct one has but one.
    /// </summary>
    internal void Confirmed(StorageWrite write, PutReceipt receipt)
    {
        write.Receipt = receipt;
        if (_isRegular && decidesRecords && !_records.TryAdd((write.Unit, receipt.Record.Counter), write))
        {
            world.Fail($"{write} was confirmed as record {receipt.Record.Counter}, and so was {_records[(write.Unit, receipt.Record.Counter)]}{Told(write.Unit)}");
        }
    }

    internal bool WasConfirmed(string unit, long number) => _writes.Any(write => write.Unit == unit && write.Receipt?.Number == number);

    /// <summary>What reading a kept version by its number gave.</summary>
    internal void ReadVersion(string reader, string unit, TimeSpan begun, UnitVersion version, byte[] given)
    {
        StorageWrite? put = _writes.Find(write => write.Unit == unit && write.Content is not null && write.Content.AsSpan().SequenceEqual(given));
        if (put is null)
        {
            world.Fail($"{reader} got wrong bytes of version {version.Number} of {unit}: {given.Length} that nobody put");
        }

        // A record that collided may name it by another number, until its put is complete.
        if (_isRegular && decidesRecords && put.Receipt is { } receipt && put.Ended < begun && receipt.Number != version.Number)
        {
            world.Fail($"{reader} got {put} as version {version.Number}, and it was confirmed as version {receipt.Number}");
        }
    }

    /// <summary>The newest of a unit's history, one operation a line, by when it began.</summary>
    private string Told(string unit)
    {
        IEnumerable<(TimeSpan At, string Text)> operations = _writes.Where(write => write.Unit == unit).Select(write => (write.Begun, LineOf(write)))
            .Concat(_reads.Where(read => read.Unit == unit).Select(read => (read.Begun, ReadLineOf(read))));
        return "\n" + string.Join('\n', operations.OrderBy(operation => operation.At).TakeLast(ToldMax).Select(operation => operation.Text));

        static string LineOf(StorageWrite write) =>
            $"  {Seconds(write.Begun)} to {(write.Ended == TimeSpan.MaxValue ? "    never" : Seconds(write.Ended))} {write.Writer,-8} "
            + (write.Content is null ? "removed it" : $"put {write.Content.Length} bytes")
            + (write.Receipt is { } receipt ? $": version {receipt.Number}, record {receipt.Record.Counter}" : "");

        static string ReadLineOf(StorageRead read) =>
            $"  {Seconds(read.Begun)} to {Seconds(read.Ended)} {read.Reader,-8} read "
            + (read.Given is null ? "that there was none" : $"{read.Given.Length} bytes, put at {(read.Fitting is { } put ? Seconds(put.Begun).Trim() : "no time")}");

        static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("f4", System.Globalization.CultureInfo.InvariantCulture).PadLeft(9);
    }

    private static bool Fits(StorageWrite write, byte[]? given, int offset, int length)
    {
        if (write.Content is null || given is null)
        {
            return write.Content is null && given is null;
        }

        int start = Math.Min(offset, write.Content.Length);
        return write.Content.AsSpan(start, Math.Min(length, write.Content.Length - start)).SequenceEqual(given);
    }
}

/// <summary>What a read gave, and which write it fits; null where none does.</summary>
internal sealed record StorageRead(string Reader, string Unit, TimeSpan Begun, TimeSpan Ended, byte[]? Given, StorageWrite? Fitting);
