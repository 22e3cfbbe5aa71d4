namespace Culvert.Storage;

/// <summary>A version that can be read.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="TimeUtc">When it was put, by its writer's clock.</param>
/// <param name="Writer">Who put it.</param>
public sealed record UnitVersion(long Number, long Bytes, DateTimeOffset TimeUtc, WriterId Writer);

/// <summary>Reads units. Thread safe.</summary>
internal sealed class UnitReader(StoreContext context)
{
    /// <summary>
    /// Writes a version (null: the newest) to a stream, chunk by chunk, each after it was checked. When a newer version takes this
    /// one's place meanwhile and it is collected, it begins again, if the stream can go back.
    /// </summary>
    internal async ValueTask<Outcome<UnitVersion>> GetAsync(UnitName unit, Stream destination, long? number, CancellationToken cancellationToken)
    {
        long start = destination.CanSeek ? destination.Position : 0;
        for (int restarts = 0; ; restarts++)
        {
            Outcome<FoundVersion> found = await FindAsync(unit, number, context.Options.Speculate, cancellationToken).ConfigureAwait(false);
            if (!found.Succeeded)
            {
                return found.Failure;
            }

            FoundVersion version = found.Value;
            bool hasWritten = false;
            Failure? failure = await CopyAsync(version, destination, () => hasWritten = true, cancellationToken).ConfigureAwait(false);
            if (failure is null)
            {
                return version.Summary;
            }

            if (restarts == context.Options.RepeatsMax || (hasWritten && !destination.CanSeek)
                || !await IsOvertakenAsync(version, cancellationToken).ConfigureAwait(false))
            {
                return failure;
            }

            if (hasWritten)
            {
                destination.Position = start;
                destination.SetLength(start);
            }
        }
    }

    /// <summary>Reads from an offset on until the destination is full or the version ends, and tells how many bytes.</summary>
    internal async ValueTask<Outcome<int>> ReadAsync(
        UnitName unit, long offset, Memory<byte> destination, long? number, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        for (int restarts = 0; ; restarts++)
        {
            Outcome<FoundVersion> found = await FindAsync(unit, number, speculate: false, cancellationToken).ConfigureAwait(false);
            if (!found.Succeeded)
            {
                return found.Failure;
            }

            Outcome<int> read = await ReadRangeAsync(found.Value, offset, destination, cancellationToken).ConfigureAwait(false);
            if (read.Succeeded || restarts == context.Options.RepeatsMax
                || !await IsOvertakenAsync(found.Value, cancellationToken).ConfigureAwait(false))
            {
                return read;
            }
        }
    }

    /// <summary>A unit's newest metadata; a unit that was never put, or was removed, is a failure.</summary>
    internal async ValueTask<Outcome<UnitMetadata>> RecordAsync(UnitName unit, CancellationToken cancellationToken)
    {
        Outcome<RecordReading> reading = await context.ReadRecordAsync(unit, cancellationToken).ConfigureAwait(false);
        return !reading.Succeeded ? reading.Failure
            : reading.Value.Newest is { IsTombstone: false } newest ? newest
            : new Failure(FailureKind.Missing, reading.Value.Newest is null ? $"there is no unit {unit}" : $"the unit {unit} was removed");
    }

    internal static UnitVersion Describe(KeptVersion version) =>
        new(version.Number, version.Bytes, DateTimeOffset.FromUnixTimeMilliseconds(version.TimeMs), version.Writer);

    /// <summary>Bytes from an offset on, of a version whose metadata was read.</summary>
    internal async ValueTask<Outcome<int>> ReadRangeAsync(FoundVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        long end = Math.Min(version.Kept.Bytes, offset + destination.Length);
        if (offset >= end)
        {
            return 0;
        }

        Outcome<ValueDownload> opened = await ValueDownload.OpenAsync(context, version.Record, version.Kept, cancellationToken).ConfigureAwait(false);
        if (!opened.Succeeded)
        {
            return opened.Failure;
        }

        using ValueDownload download = opened.Value;
        int chunkBytes = download.Descriptor.ChunkBytes;
        byte[] plain = new byte[Math.Min(chunkBytes, version.Kept.Bytes)];
        for (long at = offset; at < end;)
        {
            int chunk = (int)(at / chunkBytes);
            Outcome<int> read = await ReadChunkAsync(download, chunk, plain, cancellationToken).ConfigureAwait(false);
            if (!read.Succeeded)
            {
                return read.Failure;
            }

            int from = (int)(at - ((long)chunk * chunkBytes));
            int count = (int)Math.Min(read.Value - from, end - at);
            plain.AsMemory(from, count).CopyTo(destination[(int)(at - offset)..]);
            at += count;
        }

        return (int)(end - offset);
    }

    private static async ValueTask<Outcome<int>> ReadChunkAsync(ValueDownload download, int chunk, Memory<byte> plain, CancellationToken cancellationToken)
    {
        Outcome<FittingBlock[]> blocks = await download.FetchAsync(chunk, cancellationToken).ConfigureAwait(false);
        return blocks.Succeeded ? await download.DecodeAsync(chunk, blocks.Value, plain, cancellationToken).ConfigureAwait(false) : blocks.Failure;
    }

    /// <summary>Finds a version; meanwhile, where asked for, gets the first blocks of the newest version that is known.</summary>
    private async ValueTask<Outcome<FoundVersion>> FindAsync(UnitName unit, long? number, bool speculate, CancellationToken cancellationToken)
    {
        Task<Outcome<FittingBlock[]>>? guess = null;
        ValueDownload? guessed = null;
        if (speculate && number is null
            && await context.State.RecallAsync(unit, context.View.ReadRecord, cancellationToken).ConfigureAwait(false) is { Descriptor.Index: not null } seen)
        {
            Outcome<ValueDownload> opened = await ValueDownload.OpenAsync(context, seen, seen.Newest!, cancellationToken).ConfigureAwait(false);
            guessed = opened.Succeeded ? opened.Value : null;
            guess = guessed?.FetchAsync(0, cancellationToken);
        }

        Outcome<UnitMetadata> record = await RecordAsync(unit, cancellationToken).ConfigureAwait(false);
        if (guess is not null && !(record.Succeeded && record.Value.Newest!.Value == guessed!.Descriptor.Value))
        {
            context.Background.Add(guess);
            guess = null;
        }

        guessed?.Dispose();
        if (!record.Succeeded)
        {
            return record.Failure;
        }

        KeptVersion? kept = number is null ? record.Value.Newest : record.Value.Versions.FirstOrDefault(version => version.Number == number);
        return kept is not null
            ? new FoundVersion(record.Value, kept, guess)
            : new Failure(FailureKind.Missing, $"{unit}: version {number} is not kept; `store history` shows which are");
    }

    private async ValueTask<Failure?> CopyAsync(FoundVersion version, Stream destination, Action wrote, CancellationToken cancellationToken)
    {
        Outcome<ValueDownload> opened = await ValueDownload.OpenAsync(context, version.Record, version.Kept, cancellationToken).ConfigureAwait(false);
        if (!opened.Succeeded)
        {
            return opened.Failure;
        }

        using ValueDownload download = opened.Value;
        ValueDescriptor descriptor = download.Descriptor;
        byte[] plain = new byte[Math.Min(descriptor.ChunkBytes, descriptor.ValueBytes)];
        Task<Outcome<FittingBlock[]>> next = version.FirstBlocks ?? download.FetchAsync(0, cancellationToken);
        for (int chunk = 0; chunk < descriptor.Chunks; chunk++)
        {
            Outcome<FittingBlock[]> blocks = await next.ConfigureAwait(false);
            if (!blocks.Succeeded)
            {
                return blocks.Failure;
            }

            // The next chunk is on its way while this one is decoded and written.
            next = chunk + 1 < descriptor.Chunks ? download.FetchAsync(chunk + 1, cancellationToken) : next;
            Outcome<int> decoded = await download.DecodeAsync(chunk, blocks.Value, plain, cancellationToken).ConfigureAwait(false);
            if (!decoded.Succeeded)
            {
                context.Background.Add(next);
                return decoded.Failure;
            }

            wrote();
            await destination.WriteAsync(plain.AsMemory(0, decoded.Value), cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    private async ValueTask<bool> IsOvertakenAsync(FoundVersion version, CancellationToken cancellationToken)
    {
        Outcome<RecordReading> reading = await context.ReadRecordAsync(version.Record.Unit, cancellationToken).ConfigureAwait(false);
        return reading.Succeeded && reading.Value.Newest is { } newest
            && (newest.Versions.All(kept => kept.Value != version.Kept.Value) || newest.Version > version.Record.Version);
    }
}

/// <summary>A version whose metadata was read, and what was fetched of it already.</summary>
internal sealed record FoundVersion(UnitMetadata Record, KeptVersion Kept, Task<Outcome<FittingBlock[]>>? FirstBlocks)
{
    internal UnitVersion Summary => UnitReader.Describe(Kept);
}
