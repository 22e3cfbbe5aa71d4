using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>
/// Units kept over n = 3f + 1 clouds of which up to f may lose, alter, leak or invent whatever they hold (docs/specs/unit.md;
/// DepSky, EuroSys 2011). Expected failures are outcomes: <see cref="FailureKind.Missing"/> (no such unit or version),
/// <see cref="FailureKind.Io"/> (too few clouds answer), <see cref="FailureKind.Integrity"/> (too many clouds hold something
/// wrong), <see cref="FailureKind.Mismatch"/> (another writer, or another store), <see cref="FailureKind.Malformed"/> and
/// <see cref="FailureKind.TooLarge"/> (names and sizes). Thread safe for different units; a unit has one writer at a time, which
/// <see cref="LockAsync"/> sees to. Disposing it waits for what goes on in the background.
/// </summary>
public sealed partial class Store : IAsyncDisposable
{
    /// <summary>Most units that one list gives: what a lying cloud can make a client hold.</summary>
    public const int UnitsMax = 1_000_000;

    /// <summary>Pages of a list that are gone through to sum up what a cloud stores: ten million objects.</summary>
    private const int MeasuredPagesMax = 10_000;

    private readonly StoreContext _context;
    private readonly UnitReader _reader;
    private readonly UnitRecords _records;
    private readonly UnitOrphans _orphans;
    private readonly UnitWriter _writer;
    private readonly UnitLists _lists;

    private Store(StoreContext context)
    {
        _context = context;
        _reader = new UnitReader(context);
        _records = new UnitRecords(context);
        _orphans = new UnitOrphans(context, _records);
        _writer = new UnitWriter(context, _records, _orphans);
        _lists = new UnitLists(context);
    }

    /// <summary>The configuration in use.</summary>
    public StoreConfiguration Configuration => _context.View.Configuration;

    /// <summary>This client's writer id.</summary>
    public WriterId Writer => _context.State.Writer;

    /// <summary>Stores a new version of a unit: everything that <paramref name="content"/> has from where it is on.</summary>
    public async ValueTask<Outcome<PutReceipt>> PutAsync(string unit, Stream content, PutOptions? options, CancellationToken cancellationToken)
    {
        Outcome<UnitName> name = UnitName.TryParse(unit);
        return name.Succeeded ? await _writer.PutAsync(name.Value, content, options ?? new PutOptions(), cancellationToken).ConfigureAwait(false) : name.Failure;
    }

    /// <summary>
    /// Writes a version (null: the newest) to a stream. Every chunk is checked before it is written; after a failure the stream
    /// has a part of the version, or nothing.
    /// </summary>
    public async ValueTask<Outcome<UnitVersion>> GetAsync(string unit, Stream destination, long? version, CancellationToken cancellationToken)
    {
        Outcome<UnitName> name = UnitName.TryParse(unit);
        return name.Succeeded ? await _reader.GetAsync(name.Value, destination, version, cancellationToken).ConfigureAwait(false) : name.Failure;
    }

    /// <summary>Reads a part of a version (null: the newest): from <paramref name="offset"/> until the destination is full or the version ends; tells how many bytes.</summary>
    public async ValueTask<Outcome<int>> ReadAsync(string unit, long offset, Memory<byte> destination, long? version, CancellationToken cancellationToken)
    {
        Outcome<UnitName> name = UnitName.TryParse(unit);
        return name.Succeeded ? await _reader.ReadAsync(name.Value, offset, destination, version, cancellationToken).ConfigureAwait(false) : name.Failure;
    }

    /// <summary>The units whose names begin so, in ordinal order.</summary>
    public async ValueTask<Outcome<IReadOnlyList<string>>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        Outcome<List<UnitName>> units = await _lists.ListAsync(prefix, cancellationToken).ConfigureAwait(false);
        return units.Succeeded ? Box<IReadOnlyList<string>>([.. units.Value.Select(unit => unit.Text)]) : units.Failure;
    }

    /// <summary>The versions of a unit that are kept, oldest first.</summary>
    public async ValueTask<Outcome<IReadOnlyList<UnitVersion>>> HistoryAsync(string unit, CancellationToken cancellationToken)
    {
        Outcome<UnitMetadata> record = await RecordAsync(unit, cancellationToken).ConfigureAwait(false);
        return record.Succeeded ? Box<IReadOnlyList<UnitVersion>>([.. record.Value.Versions.Select(UnitReader.Describe)]) : record.Failure;
    }

    /// <summary>A unit's newest metadata.</summary>
    public async ValueTask<Outcome<UnitMetadata>> RecordAsync(string unit, CancellationToken cancellationToken)
    {
        Outcome<UnitName> name = UnitName.TryParse(unit);
        return name.Succeeded ? await _reader.RecordAsync(name.Value, cancellationToken).ConfigureAwait(false) : name.Failure;
    }

    /// <summary>
    /// Removes a unit; false when there was none. A tombstone stays, so that no cloud can bring it back; with
    /// <paramref name="purge"/> it goes too: for units whose names never come again.
    /// </summary>
    public async ValueTask<Outcome<bool>> RemoveAsync(string unit, bool purge, UnitLease? lease, CancellationToken cancellationToken)
    {
        Outcome<UnitName> name = UnitName.TryParse(unit);
        return name.Succeeded ? await _writer.RemoveAsync(name.Value, purge, lease, cancellationToken).ConfigureAwait(false) : name.Failure;
    }

    /// <summary>Keeps a unit's newest versions and removes the others; tells how many went. Under a lease, what uploads left that were given up goes too.</summary>
    public async ValueTask<Outcome<int>> CollectAsync(string unit, int keep, UnitLease? lease, CancellationToken cancellationToken)
    {
        Outcome<UnitName> name = UnitName.TryParse(unit);
        return name.Succeeded ? await _writer.CollectAsync(name.Value, keep, lease, cancellationToken).ConfigureAwait(false) : name.Failure;
    }

    /// <summary>
    /// Becomes a unit's only writer, by a lease that renews itself until it is disposed. Tries again, after random times, for as
    /// long as <paramref name="patience"/> says; then the failure tells who has it.
    /// </summary>
    public async ValueTask<Outcome<UnitLease>> LockAsync(string unit, TimeSpan patience, CancellationToken cancellationToken)
    {
        Outcome<UnitName> name = UnitName.TryParse(unit);
        if (!name.Succeeded)
        {
            return name.Failure;
        }

        // A lease by a writer that this client has not heard of would not count.
        await _context.RefreshAsync(cancellationToken).ConfigureAwait(false);
        TimeSpan begun = _context.Clock.Elapsed;
        for (int tries = 0; ; tries++)
        {
            Outcome<UnitLease> lease = await UnitLease.TryTakeAsync(_context, name.Value, cancellationToken).ConfigureAwait(false);
            if (lease.Succeeded || lease.Failure.Kind != FailureKind.Mismatch || _context.Clock.Elapsed - begun >= patience)
            {
                return lease;
            }

            await _context.Clock.Delay(Backoff(tries), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Reads everything that every cloud has of a unit, follows its chain of records, and finds what no version needs; mends and removes what may be
    /// removed if asked to. A unit that is being written all the while is <see cref="FailureKind.Mismatch"/>.
    /// </summary>
    public async ValueTask<Outcome<UnitReport>> VerifyAsync(string unit, bool repair, CancellationToken cancellationToken)
    {
        Outcome<UnitName> name = UnitName.TryParse(unit);
        return name.Succeeded ? await new UnitVerifier(_context, _orphans, repair).VerifyAsync(name.Value, cancellationToken).ConfigureAwait(false) : name.Failure;
    }

    /// <summary>As <see cref="VerifyAsync"/>, for what the clouds have of the store's configuration.</summary>
    public ValueTask<UnitReport> VerifyConfigurationAsync(bool repair, CancellationToken cancellationToken) =>
        new UnitVerifier(_context, _orphans, repair).VerifyConfigurationAsync(cancellationToken);

    /// <summary>
    /// Goes through everything that the clouds list, and finds what no unit explains: of uploads that were given up before their unit was there, of
    /// removed units, and foreign objects. Removes what may be removed if asked to.
    /// </summary>
    /// <param name="known">Units that were verified, so that what lies about of them was found.</param>
    /// <param name="repair">Remove it.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    public ValueTask<Outcome<IReadOnlyList<Orphan>>> SweepAsync(IEnumerable<string> known, bool repair, CancellationToken cancellationToken) =>
        new StoreSweep(_context, _orphans, repair).RunAsync(known, cancellationToken);

    /// <summary>How the store does; asks each cloud once. <paramref name="measure"/>: sums up what each has stored, by its own list.</summary>
    public async ValueTask<StoreStatus> StatusAsync(bool measure, CancellationToken cancellationToken)
    {
        StoreView view = _context.View;
        IReadOnlyList<Misbehaviour> charges = await _context.State.ChargesAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<UnderReplication> behind = await _context.State.BehindAsync(cancellationToken).ConfigureAwait(false);
        CloudStatus[] clouds = await Task.WhenAll(Enumerable.Range(0, view.Quorum.Clouds).Select(slot => AskAsync(view, slot, charges, measure, cancellationToken)))
            .ConfigureAwait(false);
        return new StoreStatus(view.Configuration.Store, view.Configuration.Number, view.Quorum.Faults, clouds, behind);
    }

    /// <summary>Units that are under-replicated, as far as this client knows; asks no cloud.</summary>
    public ValueTask<IReadOnlyList<UnderReplication>> BehindAsync(CancellationToken cancellationToken) => _context.State.BehindAsync(cancellationToken);

    /// <summary>Follows a newer configuration that f + 1 clouds confirm; false when there is none.</summary>
    public ValueTask<bool> RefreshAsync(CancellationToken cancellationToken) => _context.RefreshAsync(cancellationToken);

    /// <summary>Waits for what goes on in the background: puts at slow clouds, removals.</summary>
    public Task FlushAsync() => _context.Background.DrainAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await FlushAsync().ConfigureAwait(false);

    internal StoreContext Context => _context;

    /// <summary>Reads a part of the newest version of a record that was read before.</summary>
    internal ValueTask<Outcome<int>> ReadAsync(UnitMetadata record, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        _reader.ReadRangeAsync(new FoundVersion(record, record.Newest!, null), offset, destination, cancellationToken);

    private static async Task<CloudStatus> AskAsync(
        StoreView view, int slot, IReadOnlyList<Misbehaviour> charges, bool measure, CancellationToken cancellationToken)
    {
        CloudPlace place = view.Configuration.Clouds[slot];
        CloudReply reply = await view.Shell.CallAsync(new ListCall(0, slot, UnitObjects.Configurations), cancellationToken).ConfigureAwait(false);
        long? stored = null;
        if (reply.Succeeded && measure)
        {
            // What a cloud says of lengths may be anything: their sum stays below what a number holds.
            long sum = 0;
            CloudOutcome<bool> all = await CloudWalk.ForEachAsync(
                view.Shell.Clouds[slot], "", MeasuredPagesMax, entry => sum += Math.Clamp(entry.Bytes, 0, long.MaxValue - sum), cancellationToken).ConfigureAwait(false);
            stored = all.Succeeded && all.Value ? sum : null;
        }

        return new CloudStatus(
            slot, place.Name, place.Location, reply.Failure?.Message, view.Shell.Meters[slot].Read(), stored,
            [.. charges.Where(charge => charge.Cloud == place.Name)]);
    }

    private TimeSpan Backoff(int tries)
    {
        Span<byte> chance = stackalloc byte[1];
        _context.Entropy.Fill(chance);
        return _context.Options.RepeatAfter * (1 << Math.Min(tries, 6)) * (0.5 + (chance[0] / 255.0));
    }

    private static Outcome<T> Box<T>(T value)
        where T : class => value;
}
