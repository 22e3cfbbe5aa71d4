namespace Culvert.Storage;

/// <summary>Who makes the next record of a unit, when, and for which clouds.</summary>
/// <param name="Configuration">The configuration.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Writer">The client.</param>
/// <param name="NowMs">Its clock, ms since 1970.</param>
/// <param name="AttemptedCounter">The greatest counter that it has tried before; the next is above.</param>
internal sealed record RecordMaker(StoreConfiguration Configuration, UnitName Unit, WriterId Writer, long NowMs, long AttemptedCounter);

/// <summary>What a unit's next record says, from the newest one; pure. The results are not signed yet.</summary>
internal static class RecordChain
{
    /// <summary>
    /// A new version; of the older ones the newest <paramref name="keep"/> - 1 stay. A record of the same put that collided before, and
    /// came to be on some clouds all the same, counts for nothing: a value is one version.
    /// </summary>
    internal static UnitMetadata Put(RecordMaker maker, UnitMetadata? newest, ValueDescriptor descriptor, int keep)
    {
        long counter = CounterAfter(maker, newest);
        long number = newest?.NextNumber ?? 1;
        KeptVersion version = new(number, maker.NowMs, descriptor.ValueBytes, descriptor.Value, descriptor.Digest, counter, maker.Writer);
        KeptVersion[] older = [.. (newest?.Versions ?? []).Where(kept => kept.Value != descriptor.Value).TakeLast(Math.Min(keep, UnitLimits.VersionsMax) - 1)];
        return Make(maker, newest, counter, number + 1, [.. older, version], descriptor);
    }

    /// <summary>The newest <paramref name="keep"/> versions stay. Null when there is nothing to drop.</summary>
    internal static UnitMetadata? Collect(RecordMaker maker, UnitMetadata newest, int keep)
    {
        if (newest.Versions.Count <= keep)
        {
            return null;
        }

        // This record holds the newest descriptor too, so that fewer old records are needed.
        long counter = CounterAfter(maker, newest);
        KeptVersion[] kept = [.. newest.Versions.TakeLast(keep)];
        kept[^1] = kept[^1] with { Holder = counter };
        return Make(maker, newest, counter, newest.NextNumber, kept, newest.Descriptor);
    }

    /// <summary>The unit is removed; numbers go on, should it be put again.</summary>
    internal static UnitMetadata Remove(RecordMaker maker, UnitMetadata newest) =>
        Make(maker, newest, CounterAfter(maker, newest), newest.NextNumber, [], null);

    /// <summary>All kept versions have new values; the older ones' descriptors are objects of their own.</summary>
    internal static UnitMetadata Rekey(RecordMaker maker, UnitMetadata newest, IReadOnlyList<ValueDescriptor> descriptors)
    {
        Invariant.Holds(descriptors.Count == newest.Versions.Count && descriptors.Count > 0);
        long counter = CounterAfter(maker, newest);
        KeptVersion[] kept = [.. newest.Versions.Zip(descriptors, (version, descriptor) =>
            version with { Value = descriptor.Value, Descriptor = descriptor.Digest, Holder = 0 })];
        kept[^1] = kept[^1] with { Holder = counter };
        return Make(maker, newest, counter, newest.NextNumber, kept, descriptors[^1]);
    }

    /// <summary>Nothing changes but the newest version's descriptor, which is of the same value, and who signs it.</summary>
    internal static UnitMetadata Adopt(RecordMaker maker, UnitMetadata newest, ValueDescriptor descriptor)
    {
        Invariant.Holds(descriptor.Value == newest.Newest?.Value);
        long counter = CounterAfter(maker, newest);
        KeptVersion[] kept = [.. newest.Versions];
        kept[^1] = kept[^1] with { Descriptor = descriptor.Digest, Holder = counter };
        return Make(maker, newest, counter, newest.NextNumber, kept, descriptor);
    }

    /// <summary>The same, but that the descriptors which one older record holds are objects of their own.</summary>
    internal static UnitMetadata Detach(RecordMaker maker, UnitMetadata? before, UnitMetadata next, long holder) => Make(
        maker, before, next.Counter, next.NextNumber,
        [.. next.Versions.Select(version => version.Holder == holder ? version with { Holder = 0 } : version)], next.Descriptor);

    /// <summary>The values that the one record names and the other does not.</summary>
    internal static IReadOnlyList<KeptVersion> Dropped(UnitMetadata? before, UnitMetadata after)
    {
        HashSet<ValueId> kept = [.. after.Versions.Select(version => version.Value)];
        return [.. (before?.Versions ?? []).Where(version => !kept.Contains(version.Value))];
    }

    private static long CounterAfter(RecordMaker maker, UnitMetadata? newest) => Math.Max(newest?.Counter ?? 0, maker.AttemptedCounter) + 1;

    private static UnitMetadata Make(
        RecordMaker maker, UnitMetadata? newest, long counter, long nextNumber, IReadOnlyList<KeptVersion> versions, ValueDescriptor? descriptor)
    {
        long oldestHolder = versions.Where(version => version.Holder > 0).Select(version => version.Holder).Append(counter).Min();
        return new UnitMetadata
        {
            Unit = maker.Unit,
            Store = maker.Configuration.Store,
            Configuration = maker.Configuration.Number,
            Counter = counter,
            Writer = maker.Writer,
            Previous = newest?.Version.Digest ?? default,
            OldestCounter = oldestHolder,
            TimeMs = Math.Max(maker.NowMs, newest?.TimeMs ?? 0),
            NextNumber = nextNumber,
            Versions = versions,
            Descriptor = descriptor,
        };
    }
}
