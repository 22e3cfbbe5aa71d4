namespace Culvert.Storage;

/// <summary>
/// Puts a metadata record at n - f clouds, where there is none of its counter; then its copy as the unit's head, where the record
/// was taken. With the first record of a unit, and the first behind a tombstone, the head counts too, so that the unit is in
/// lists. What another writer signed in its place is a collision, and the cloud does not count; what nobody signed is put over.
/// </summary>
internal sealed class RecordPut(Quorum quorum, UnitMetadata record, bool isNew, Func<ReadOnlyMemory<byte>, Outcome<UnitMetadata>> read)
    : QuorumPut(quorum, _ => [new CloudObject(UnitObjects.Record(record.Unit, record.Counter), record.Bytes)])
{
    protected override void PutOne(int slot, CloudObject item, Action<string?> then)
    {
        Action<string?> stored = isNew ? failure => PutHead(slot, failure, then) : then;
        Board.Put(slot, item.Name, item.Content, PutCondition.IfAbsent, reply =>
        {
            if (reply.Failure?.Kind == CloudFailureKind.Exists)
            {
                Board.Get(slot, item.Name, item.Content.Length, UnitLimits.MetadataBytesMax, held => Compare(slot, item, held, stored));
            }
            else
            {
                stored(reply.Failure?.Message);
            }
        });
    }

    protected override void OnStored(int slot)
    {
        // A removed unit's head goes, so that lists are short; its tombstone is listed elsewhere.
        if (record.IsTombstone)
        {
            Board.Put(slot, UnitObjects.Tombstone(record.Unit), record.Bytes, PutCondition.Always, _ =>
                Board.Remove(slot, UnitObjects.Head(record.Unit), _ => { }));
        }
        else if (isNew)
        {
            Board.Remove(slot, UnitObjects.Tombstone(record.Unit), _ => { });
        }
        else
        {
            Board.Put(slot, UnitObjects.Head(record.Unit), record.Bytes, PutCondition.Always, _ => { });
        }
    }

    private void PutHead(int slot, string? failure, Action<string?> then)
    {
        if (failure is not null)
        {
            then(failure);
            return;
        }

        Board.Put(slot, UnitObjects.Head(record.Unit), record.Bytes, PutCondition.Always, reply => then(reply.Failure?.Message));
    }

    private void Compare(int slot, CloudObject item, CloudReply held, Action<string?> then)
    {
        if (!held.Succeeded && !held.IsTooLong)
        {
            then(held.Failure!.Message);
            return;
        }

        Outcome<UnitMetadata> there = held.Succeeded ? read(held.Bytes) : new Failure(FailureKind.TooLarge, held.Failure!.Message);
        if (held.Succeeded && held.Bytes.Span.SequenceEqual(item.Content.Span))
        {
            then(null);
        }
        else if (there.Succeeded && there.Value.Unit.Equals(record.Unit) && there.Value.Counter == record.Counter)
        {
            // Signatures differ from one time to the next: the same record, signed twice, is no collision.
            if (there.Value.Version == record.Version)
            {
                then(null);
                return;
            }

            Collisions.Add(held.Bytes);
            then($"another writer ({there.Value.Writer}) put record {there.Value.Counter} there");
        }
        else if (!there.Succeeded && SignedObject.IsOfUnknownSigner(there.Failure))
        {
            // Perhaps by a writer that this client has not heard of: never put over.
            Collisions.Add(held.Bytes);
            then("a record is there by a key that is no writer's, as far as this client knows");
        }
        else
        {
            Reports.Add(new CloudCharge(slot, ChargeKind.Forged, item.Name, $"{item.Name}: planted before it was put", held.Bytes));
            Board.Put(slot, item.Name, item.Content, PutCondition.Always, reply => then(reply.Failure?.Message));
        }
    }
}
