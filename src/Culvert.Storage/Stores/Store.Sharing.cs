using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>Who may read and write a store, beside its owner.</summary>
/// <param name="Readers">Whom values in mode <c>sealed</c> are wrapped for; the owner is added to them. At most <see cref="UnitLimits.ReadersMax"/> with it.</param>
/// <param name="Writers">Who may sign metadata and leases; at most <see cref="UnitLimits.WritersMax"/>. A writer who is no reader cannot read what others seal.</param>
public sealed record StoreMembers(IReadOnlyList<HpkePublicKey> Readers, IReadOnlyList<VerifyingKey> Writers);

/// <summary>What changing a store's members did.</summary>
/// <param name="Units">Units with a new record: wrapped anew, taken over from a writer who went, or re-keyed.</param>
/// <param name="Unopened">Units whose newest version the owner cannot open, so that it stays wrapped as it was.</param>
/// <param name="Behind">Clouds that lack the new configuration.</param>
public sealed record ShareReport(int Units, IReadOnlyList<string> Unopened, IReadOnlyList<string> Behind);

public sealed partial class Store
{
    /// <summary>
    /// Changes who may read and write, by a configuration that f + 1 clouds confirm. The newest version of every sealed unit is wrapped
    /// for the new readers, and what a writer who goes has signed is signed by the owner: his signature counts for nobody from then
    /// on, whatever time or number he puts into it. With <paramref name="rekey"/> every kept version gets a new key and new
    /// blocks instead, so that what a reader who goes has kept of keys opens nothing that lies on the clouds from then on, and a
    /// reader who comes reads older versions too. Writers should rest meanwhile. Begun again, it goes on.
    /// <paramref name="progress"/> is told each unit that has a new record.
    /// </summary>
    public async ValueTask<Outcome<ShareReport>> ShareAsync(StoreMembers members, bool rekey, Action<string>? progress, CancellationToken cancellationToken)
    {
        if (!_context.Keys.IsOwner)
        {
            return new Failure(FailureKind.Mismatch, "only the owner can change who reads and writes");
        }

        HpkePublicKey[] readers = WithOwner(members.Readers, _context.Keys);
        if (readers.Length > UnitLimits.ReadersMax || members.Writers.Count > UnitLimits.WritersMax)
        {
            return new Failure(
                FailureKind.TooLarge,
                $"a store has at most {UnitLimits.ReadersMax} readers with its owner, and {UnitLimits.WritersMax} writers; these would be {readers.Length} and {members.Writers.Count}");
        }

        if (await RefreshAsync(cancellationToken).ConfigureAwait(false))
        {
            return new Failure(FailureKind.Mismatch, "the store's configuration has changed meanwhile: look at it again, and begin again");
        }

        StoreView next = NextView(Configuration.Clouds, readers, members.Writers);
        if (!rekey)
        {
            return await new MembershipChange(_context, _records, _lists, next).RunAsync(progress, cancellationToken).ConfigureAwait(false);
        }

        Outcome<MoveReport> moved = await new CloudReplacement(_context, _records, _lists, next).RunAsync(progress, cancellationToken).ConfigureAwait(false);
        return moved.Succeeded ? new ShareReport(moved.Value.Units, [], moved.Value.Behind) : moved.Failure;
    }

    private static HpkePublicKey[] WithOwner(IReadOnlyList<HpkePublicKey> readers, StoreKeys owner) =>
        [.. readers.Append(owner.Reading.PublicKey).DistinctBy(reader => reader.ToString())];

    /// <summary>The configuration behind the one in use.</summary>
    private StoreView NextView(IReadOnlyList<CloudPlace> clouds, IReadOnlyList<HpkePublicKey> readers, IReadOnlyList<VerifyingKey> writers)
    {
        StoreConfiguration current = Configuration;
        return _context.ViewOf(new StoreConfiguration
        {
            Store = current.Store,
            Number = current.Number + 1,
            Previous = current.Digest,
            TimeMs = _context.NowMs,
            Owner = current.Owner,
            Writers = [.. writers.DistinctBy(writer => writer.Id)],
            Readers = readers,
            Clouds = clouds,
        }.Sign(_context.Keys.Signing));
    }
}
