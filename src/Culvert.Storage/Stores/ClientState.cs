using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>
/// What a client keeps on its own machine: its writer id, the newest signed metadata of each unit that it has seen, so that it never
/// goes back, what clouds did wrong, where units are under-replicated, and uploads that are not complete. Whoever loses the
/// folder is a first-time reader again. Thread safe as the blobs beneath are.
/// </summary>
internal sealed class ClientState
{
    /// <summary>Records kept in memory; the others are read again.</summary>
    private const int CachedMax = 4096;

    /// <summary>
    /// Charges kept of each cloud, certain ones and suspicions apart, the first ones: a cloud that is wrong in everything must neither fill the
    /// disk nor take the room of what is to be said of others, nor what it may have lost that of what it altered.
    /// </summary>
    internal const int ChargesMax = 64;

    /// <summary>Values of a unit that no version names and that are kept in mind.</summary>
    internal const int OrphansMax = 1024;

    private const int GroupCharacters = 8;

    /// <summary>Bytes kept of what a cloud held.</summary>
    private const int EvidenceBytesMax = 64 << 10;

    private const string WriterName = "writer";
    private const string ConfigurationName = "configuration";

    private readonly IBlobs _blobs;
    private readonly IBlobs? _anchor;
    private readonly ConcurrentDictionary<string, UnitMetadata> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _charges;

    private ClientState(IBlobs blobs, IBlobs? anchor, WriterId writer, IBlobs pending, HashSet<string> charges) =>
        (_blobs, _anchor, Writer, Pending, _charges) = (blobs, anchor, writer, pending, charges);

    /// <summary>This client's writer id.</summary>
    internal WriterId Writer { get; }

    /// <summary>Uploads that are not complete; sealed.</summary>
    internal IBlobs Pending { get; }

    /// <param name="blobs">The folder.</param>
    /// <param name="anchor">Where newest metadata is kept too, for readers without a folder of their own; or null.</param>
    /// <param name="keys">The client's keys.</param>
    /// <param name="entropy">Draws the writer id.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    internal static async ValueTask<ClientState> OpenAsync(IBlobs blobs, IBlobs? anchor, StoreKeys keys, IEntropy entropy, CancellationToken cancellationToken)
    {
        WriterId writer;
        byte[]? known = await ReadAsync(blobs, WriterName, cancellationToken).ConfigureAwait(false);
        if (known is { Length: sizeof(ulong) })
        {
            writer = new WriterId(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(known));
        }
        else
        {
            writer = WriterId.Random(entropy);
            byte[] bytes = new byte[sizeof(ulong)];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, writer.Value);
            await blobs.PutAsync(WriterName, bytes, cancellationToken).ConfigureAwait(false);
        }

        IReadOnlyList<string> charges = await blobs.ListAsync("charges/", cancellationToken).ConfigureAwait(false);
        return new ClientState(blobs, anchor, writer, new SealedBlobs(blobs, [keys.State], "culvert store pending"u8.ToArray(), entropy), [.. charges.Select(name => name[(name.LastIndexOf('-') + 1)..])]);
    }

    internal ValueTask<byte[]?> ReadConfigurationAsync(CancellationToken cancellationToken) => ReadAsync(_blobs, ConfigurationName, cancellationToken);

    internal ValueTask WriteConfigurationAsync(StoreConfiguration configuration, CancellationToken cancellationToken) =>
        _blobs.PutAsync(ConfigurationName, configuration.Bytes, cancellationToken);

    /// <summary>The newest record of a unit that was seen here, or at the anchor; null when there is none that fits.</summary>
    internal async ValueTask<UnitMetadata?> RecallAsync(
        UnitName unit, Func<ReadOnlyMemory<byte>, Outcome<UnitMetadata>> read, CancellationToken cancellationToken)
    {
        if (_seen.TryGetValue(unit.Text, out UnitMetadata? cached))
        {
            return cached;
        }

        UnitMetadata? seen = Fitting(unit, await ReadAsync(_blobs, SeenName(unit), cancellationToken).ConfigureAwait(false), read);
        if (seen is null && _anchor is not null)
        {
            seen = Fitting(unit, await ReadAsync(_anchor, SeenName(unit), cancellationToken).ConfigureAwait(false), read);
        }

        if (seen is not null)
        {
            Cache(seen);
        }

        return seen;
    }

    /// <summary>Keeps a record if it is newer than what was seen.</summary>
    internal async ValueTask RememberAsync(UnitMetadata record, bool anchor, CancellationToken cancellationToken)
    {
        if (_seen.TryGetValue(record.Unit.Text, out UnitMetadata? seen) && seen.Version >= record.Version)
        {
            return;
        }

        Cache(record);
        await _blobs.PutAsync(SeenName(record.Unit), record.Bytes, cancellationToken).ConfigureAwait(false);
        if (anchor && _anchor is not null)
        {
            await _anchor.PutAsync(SeenName(record.Unit), record.Bytes, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Forgets a unit, which was purged.</summary>
    internal async ValueTask ForgetAsync(UnitName unit, CancellationToken cancellationToken)
    {
        _seen.TryRemove(unit.Text, out _);
        await _blobs.DeleteAsync(SeenName(unit), cancellationToken).ConfigureAwait(false);
        await _blobs.DeleteAsync(AttemptName(unit), cancellationToken).ConfigureAwait(false);
        await _blobs.DeleteAsync(BehindName(unit), cancellationToken).ConfigureAwait(false);
        await _blobs.DeleteAsync(OrphansName(unit), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The greatest counter that this client ever tried to put; 0 when there is none.</summary>
    internal async ValueTask<long> AttemptedAsync(UnitName unit, CancellationToken cancellationToken) =>
        await ReadAsync(_blobs, AttemptName(unit), cancellationToken).ConfigureAwait(false) is { Length: sizeof(long) } bytes
            ? System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    /// <summary>Notes a counter before its record is put: a record that may be on some cloud is never followed by another of its counter.</summary>
    internal ValueTask AttemptAsync(UnitName unit, long counter, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[sizeof(long)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes, counter);
        return _blobs.PutAsync(AttemptName(unit), bytes, cancellationToken);
    }

    /// <summary>The record is complete.</summary>
    internal ValueTask AttemptDoneAsync(UnitName unit, CancellationToken cancellationToken) => _blobs.DeleteAsync(AttemptName(unit), cancellationToken);

    /// <summary>Notes which clouds lack something of a unit; none: the unit is whole.</summary>
    internal async ValueTask SetBehindAsync(UnitName unit, IEnumerable<string> clouds, CancellationToken cancellationToken)
    {
        string text = string.Join('\n', clouds.Distinct().Order(StringComparer.Ordinal));
        if (text.Length == 0)
        {
            await _blobs.DeleteAsync(BehindName(unit), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await _blobs.PutAsync(BehindName(unit), Encoding.UTF8.GetBytes(text), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Units that are under-replicated, with the clouds that lack something.</summary>
    internal async ValueTask<IReadOnlyList<UnderReplication>> BehindAsync(CancellationToken cancellationToken)
    {
        List<UnderReplication> all = [];
        foreach (string name in await _blobs.ListAsync("behind/", cancellationToken).ConfigureAwait(false))
        {
            if (UnitName.Decode(name["behind/".Length..]) is { } unit
                && await ReadAsync(_blobs, name, cancellationToken).ConfigureAwait(false) is { } bytes)
            {
                all.Add(new UnderReplication(unit.Text, Encoding.UTF8.GetString(bytes).Split('\n')));
            }
        }

        return all;
    }

    /// <summary>What was noted of values that no version of a unit names; none when it was noted of another number of clouds.</summary>
    internal async ValueTask<IReadOnlyList<OrphanNote>> OrphansAsync(UnitName unit, int clouds, CancellationToken cancellationToken)
    {
        byte[]? bytes = await ReadAsync(_blobs, OrphansName(unit), cancellationToken).ConfigureAwait(false);
        List<OrphanNote> notes = [];
        FieldReader reader = new(bytes);
        while (reader.Left > 0 && notes.Count < OrphansMax)
        {
            OrphanNote note = new(new ValueId(reader.UInt128()), reader.Int64(), new long[clouds]);
            int count = reader.Byte();
            long[] progress = new long[count];
            for (int slot = 0; slot < count; slot++)
            {
                progress[slot] = reader.Int64();
            }

            if (reader.IsCut || count != clouds || notes.Any(other => other.Value == note.Value))
            {
                return [];
            }

            notes.Add(note with { Progress = progress });
        }

        return notes;
    }

    internal async ValueTask SetOrphansAsync(UnitName unit, IReadOnlyList<OrphanNote> notes, CancellationToken cancellationToken)
    {
        if (notes.Count == 0)
        {
            await _blobs.DeleteAsync(OrphansName(unit), cancellationToken).ConfigureAwait(false);
            return;
        }

        ArrayBufferWriter<byte> bytes = new();
        foreach (OrphanNote note in notes)
        {
            bytes.UInt128(note.Value.Value);
            bytes.Int64(note.SinceMs);
            bytes.Byte((byte)note.Progress.Count);
            foreach (long progress in note.Progress)
            {
                bytes.Int64(progress);
            }
        }

        await _blobs.PutAsync(OrphansName(unit), bytes.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps a charge with its evidence, once for each cloud, kind and object, and unless there are too many.</summary>
    internal async ValueTask ChargeAsync(CloudCharge charge, string cloud, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // What is seen again is not kept again: the first time says all there is to say.
        string group = ShortDigest($"{cloud}\n{charge.IsCertain}")[..GroupCharacters];
        string about = group + ShortDigest($"{cloud}\n{charge.Kind}\n{charge.ObjectName}");
        int number;
        lock (_charges)
        {
            if (_charges.Count(other => other.StartsWith(group, StringComparison.Ordinal)) >= ChargesMax || !_charges.Add(about))
            {
                return;
            }

            number = _charges.Count;
        }

        ArrayBufferWriter<byte> bytes = new();
        bytes.Byte((byte)charge.Kind);
        bytes.Int64(now.ToUnixTimeMilliseconds());
        bytes.Text(cloud);
        bytes.Text(charge.ObjectName);
        bytes.Text(charge.Message);
        bytes.Int32(charge.Held.Length);
        ContentDigest.Of(charge.Held.Span).WriteTo(bytes);
        bytes.Part(charge.Held.Span[..Math.Min(charge.Held.Length, EvidenceBytesMax)]);
        await _blobs.PutAsync(string.Create(CultureInfo.InvariantCulture, $"charges/{number:d8}-{about}"), bytes.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What clouds were charged with, the oldest first.</summary>
    internal async ValueTask<IReadOnlyList<Misbehaviour>> ChargesAsync(CancellationToken cancellationToken)
    {
        List<Misbehaviour> all = [];
        foreach (string name in await _blobs.ListAsync("charges/", cancellationToken).ConfigureAwait(false))
        {
            if (await ReadAsync(_blobs, name, cancellationToken).ConfigureAwait(false) is { } bytes && Misbehaviour.TryRead(bytes) is { } charge)
            {
                all.Add(charge);
            }
        }

        return all;
    }

    internal static async ValueTask<byte[]?> ReadAsync(IBlobs blobs, string name, CancellationToken cancellationToken)
    {
        if (await blobs.LengthAsync(name, cancellationToken).ConfigureAwait(false) is not { } length || length > CloudLimits.ObjectBytesMax)
        {
            return null;
        }

        byte[] bytes = new byte[length];
        int read = await blobs.ReadAsync(name, 0, bytes, cancellationToken).ConfigureAwait(false);
        return read == length ? bytes : null;
    }

    private static string ShortDigest(string text) => ContentDigest.Of(Encoding.UTF8.GetBytes(text)).ToString()[..16];

    private static string SeenName(UnitName unit) => $"seen/{unit.Encoded}";

    private static string AttemptName(UnitName unit) => $"attempt/{unit.Encoded}";

    private static string OrphansName(UnitName unit) => $"orphans/{unit.Encoded}";

    private static string BehindName(UnitName unit) => $"behind/{unit.Encoded}";

    private static UnitMetadata? Fitting(UnitName unit, byte[]? bytes, Func<ReadOnlyMemory<byte>, Outcome<UnitMetadata>> read) =>
        bytes is not null && read(bytes) is { Succeeded: true } record && record.Value.Unit.Equals(unit) ? record.Value : null;

    private void Cache(UnitMetadata record)
    {
        if (_seen.Count >= CachedMax)
        {
            _seen.Clear();
        }

        _seen[record.Unit.Text] = record;
    }
}
