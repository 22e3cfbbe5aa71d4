using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>
/// One value on its way from the clouds, chunk by chunk. Nothing is released that is not authenticated by the unit's signed
/// metadata. One caller at a time, but for <see cref="FetchAsync"/>.
/// </summary>
internal sealed class ValueDownload : IDisposable
{
    private readonly StoreContext _context;
    private readonly StoreView _view;
    private readonly UnitName _unit;
    private readonly ErasureCode _code;
    private readonly BlockIndex _index;
    private ChunkCipher? _cipher;
    private byte[] _coded = [];

    private ValueDownload(StoreContext context, StoreView view, UnitName unit, ValueDescriptor descriptor, BlockIndex index)
    {
        (_context, _view, _unit, Descriptor, _index) = (context, view, unit, descriptor, index);
        _code = new ErasureCode(descriptor.BlocksNeeded, descriptor.Clouds);
    }

    internal ValueDescriptor Descriptor { get; }

    internal BlockIndex Index => _index;

    /// <summary>Finds what is needed to read a kept version.</summary>
    internal static async ValueTask<Outcome<ValueDownload>> OpenAsync(
        StoreContext context, UnitMetadata record, KeptVersion version, CancellationToken cancellationToken)
    {
        StoreView view = context.View;
        Outcome<ValueDescriptor> descriptor = version.Number == record.Newest?.Number
            ? record.Descriptor!
            : await FindDescriptorAsync(context, view, record.Unit, version, cancellationToken).ConfigureAwait(false);
        if (!descriptor.Succeeded)
        {
            return descriptor.Failure;
        }

        if (descriptor.Value.Clouds != view.Quorum.Clouds)
        {
            return new Failure(
                FailureKind.Mismatch, $"{record.Unit}: version {version.Number} lies on {descriptor.Value.Clouds} clouds, and the store has {view.Quorum.Clouds}");
        }

        Outcome<BlockIndex> index = await FindIndexAsync(context, view, record.Unit, descriptor.Value, cancellationToken).ConfigureAwait(false);
        return index.Succeeded ? new ValueDownload(context, view, record.Unit, descriptor.Value, index.Value) : index.Failure;
    }

    /// <summary>What is wrong with a slot's block object; null when nothing is.</summary>
    internal string? Wrong(int chunk, int slot, ReadOnlyMemory<byte> bytes) =>
        ContentDigest.Of(bytes.Span) == _index[chunk, slot] ? null : "its digest is not the one that the signed metadata names";

    /// <summary>Gets k blocks of a chunk that fit. May run for several chunks at once.</summary>
    internal async Task<Outcome<FittingBlock[]>> FetchAsync(int chunk, CancellationToken cancellationToken)
    {
        BlockWish wish = new(
            UnitObjects.Block(_unit, Descriptor.Value, chunk), Descriptor.BlocksNeeded, Descriptor.BlockObjectBytes(chunk), false,
            (slot, bytes) => Wrong(chunk, slot, bytes));
        return await ReadAsync(_context, _view, _unit, wish, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes a chunk of blocks that <see cref="FetchAsync"/> gave: writes its plaintext and tells its length. The blocks are used up.
    /// </summary>
    internal async ValueTask<Outcome<int>> DecodeAsync(
        int chunk, FittingBlock[] blocks, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Outcome<int> decoded = await OpenAsync(chunk, blocks, destination, cancellationToken).ConfigureAwait(false);
        foreach (FittingBlock block in blocks)
        {
            _context.Buffers.Return(block.Bytes);
        }

        return decoded;
    }

    public void Dispose() => _cipher?.Dispose();

    private async ValueTask<Outcome<int>> OpenAsync(
        int chunk, FittingBlock[] blocks, Memory<byte> destination, CancellationToken cancellationToken)
    {
        int plainBytes = Descriptor.PlainBytes(chunk);
        if (Descriptor.Protocol == UnitProtocol.Replicated)
        {
            blocks[0].Bytes.CopyTo(destination);
            return plainBytes;
        }

        if (await NeedKeyAsync(chunk, blocks, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        Memory<byte> coded = Recover(chunk, blocks);
        return _cipher!.TryOpen(chunk, coded.Span, destination.Span[..plainBytes])
            ? plainBytes
            : new Failure(FailureKind.Integrity, $"{_unit}: chunk {chunk} does not open, although its blocks are those that were written: its writer sealed it under another key");
    }

    /// <summary>The coded chunk from k blocks; valid until the next call.</summary>
    private Memory<byte> Recover(int chunk, FittingBlock[] blocks)
    {
        int codedBytes = Descriptor.CodedBytes(chunk);
        if (_coded.Length < codedBytes)
        {
            _coded = GC.AllocateUninitializedArray<byte>(codedBytes);
        }

        int shareBytes = Descriptor.ShareBytes(chunk);
        ErasureBlock[] present = [.. blocks.Select(block => new ErasureBlock(block.Slot, block.Bytes[shareBytes..]))];
        _code.Reconstruct(present, _coded.AsSpan(0, codedBytes));
        return _coded.AsMemory(0, codedBytes);
    }

    /// <summary>
    /// A wish fulfilled; asked for again, at most as often as the options say, when what the metadata names is not to be had: a
    /// cloud may be late. A caller that fails looks whether newer metadata tells why.
    /// </summary>
    internal static async ValueTask<Outcome<FittingBlock[]>> ReadAsync(
        StoreContext context, StoreView view, UnitName unit, BlockWish wish, CancellationToken cancellationToken)
    {
        TimeSpan wait = context.Options.RepeatAfter;
        for (int repeats = 0; ; repeats++)
        {
            BlockRead core = new(view.Quorum, wish, view.OrderFor(wish.Wanted, context.Options), context.Options.HedgeAfter);
            BlockReading reading = await view.Shell.ReadAsync(core, cancellationToken).ConfigureAwait(false);
            if (repeats == 0)
            {
                await context.ChargeAsync(view, core.Reports, cancellationToken).ConfigureAwait(false);
            }

            if (reading.Succeeded)
            {
                return reading.Blocks;
            }

            if (repeats == context.Options.RepeatsMax
                || await IsOvertakenAsync(context, unit, wish, cancellationToken).ConfigureAwait(false))
            {
                bool isAltered = core.Reports.Charges.Count > view.Quorum.Faults;
                return new Failure(
                    isAltered ? FailureKind.Integrity : FailureKind.Io,
                    $"{unit}: {wish.Wanted} of {view.Quorum.Clouds} clouds must have {wish.Name} as it was written ({core.Reports.Text(view.NameOf)})");
            }

            await context.Clock.Delay(wait, cancellationToken).ConfigureAwait(false);
            wait *= 2;
        }
    }

    /// <summary>Whether newer metadata no longer names the value that is asked for: waiting would be in vain.</summary>
    private static async ValueTask<bool> IsOvertakenAsync(StoreContext context, UnitName unit, BlockWish wish, CancellationToken cancellationToken)
    {
        if (UnitObjects.ValueOf(wish.Name, UnitObjects.Values(unit)) is not { } value)
        {
            return false;
        }

        Outcome<RecordReading> reading = await context.ReadRecordAsync(unit, cancellationToken).ConfigureAwait(false);
        return reading.Succeeded && reading.Value.Newest is { } newest && newest.Versions.All(version => version.Value != value);
    }

    private static async ValueTask<Outcome<ValueDescriptor>> FindDescriptorAsync(
        StoreContext context, StoreView view, UnitName unit, KeptVersion version, CancellationToken cancellationToken)
    {
        ValueDescriptor? found = null;
        string? Fits(ReadOnlyMemory<byte> bytes)
        {
            Outcome<ValueDescriptor> read;
            if (version.Holder == 0)
            {
                read = ValueDescriptor.TryRead(bytes);
            }
            else
            {
                Outcome<UnitMetadata> record = view.ReadRecord(bytes);
                read = record.Succeeded && record.Value.Unit.Equals(unit) && record.Value.Descriptor is { } inside
                    ? inside
                    : record.Failure ?? new Failure(FailureKind.Mismatch, "it is another record");
            }

            if (!read.Succeeded || read.Value.Digest != version.Descriptor)
            {
                return read.Succeeded ? "it does not hold the descriptor that the signed metadata names" : read.Failure.Message;
            }

            found = read.Value;
            return null;
        }

        BlockWish wish = version.Holder == 0
            ? BlockWish.OneOf(UnitObjects.Descriptor(unit, version.Value), UnitLimits.DescriptorBytesMax, Fits)
            : BlockWish.OneOf(UnitObjects.Record(unit, version.Holder), UnitLimits.MetadataBytesMax, Fits);
        Outcome<FittingBlock[]> read = await ReadAsync(context, view, unit, wish, cancellationToken).ConfigureAwait(false);
        return read.Succeeded ? found! : read.Failure;
    }

    private static async ValueTask<Outcome<BlockIndex>> FindIndexAsync(
        StoreContext context, StoreView view, UnitName unit, ValueDescriptor descriptor, CancellationToken cancellationToken)
    {
        if (descriptor.Index is not null)
        {
            return descriptor.Index;
        }

        int bytes = descriptor.Chunks * descriptor.Clouds * ContentDigest.SizeBytes;
        BlockWish wish = new(UnitObjects.Index(unit, descriptor.Value), 1, bytes, false, (_, index) =>
            ContentDigest.Of(index.Span) == descriptor.IndexDigest ? null : "its digest is not the one that the signed metadata names");
        Outcome<FittingBlock[]> read = await ReadAsync(context, view, unit, wish, cancellationToken).ConfigureAwait(false);
        return read.Succeeded ? new BlockIndex(read.Value[0].Bytes, descriptor.Clouds) : read.Failure;
    }

    private async ValueTask<Failure?> NeedKeyAsync(int chunk, FittingBlock[] blocks, CancellationToken cancellationToken)
    {
        if (_cipher is not null)
        {
            return null;
        }

        Outcome<Secret> key = Descriptor.KeyMode == UnitKeyMode.Sealed
            ? Unwrap()
            : await CombineAsync(chunk, blocks, cancellationToken).ConfigureAwait(false);
        if (!key.Succeeded)
        {
            return key.Failure;
        }

        using Secret opened = key.Value;
        _cipher = new ChunkCipher(opened, Descriptor.Value);
        return null;
    }

    private Outcome<Secret> Unwrap()
    {
        HpkePrivateKey reading = _context.Keys.Reading;
        UInt128 id = VerifyingKey.IdOf(reading.PublicKey.Bytes);
        if (Descriptor.Wraps.FirstOrDefault(wrap => wrap.Reader == id) is not { } wrapped)
        {
            return new Failure(FailureKind.Missing, $"{_unit}: its key was not wrapped for this reader; its writer has to put it again with this reader in the configuration");
        }

        Outcome<Secret> key = Hpke.Open(
            reading, ValueKey.WrapInfo(_view.Configuration.Store), ValueKey.WrapData(Descriptor.Value), wrapped.Message.Span);
        return key.Succeeded && key.Value.Length != Secret.KeyBytes ? new Failure(FailureKind.Malformed, $"{_unit}: a key of {key.Value.Length} bytes was wrapped") : key;
    }

    private async ValueTask<Outcome<Secret>> CombineAsync(int chunk, FittingBlock[] blocks, CancellationToken cancellationToken)
    {
        FittingBlock[] holders = blocks;
        if (!Descriptor.HasShare(chunk))
        {
            BlockWish wish = new(
                UnitObjects.Block(_unit, Descriptor.Value, 0), Descriptor.BlocksNeeded, Secret.KeyBytes, IsPart: true,
                (slot, bytes) => ShareWrong(slot, bytes));
            Outcome<FittingBlock[]> read = await ReadAsync(_context, _view, _unit, wish, cancellationToken).ConfigureAwait(false);
            if (!read.Succeeded)
            {
                return read.Failure;
            }

            holders = read.Value;
        }

        SecretShare[] shares = [.. holders.Select(holder => new SecretShare(holder.Slot + 1, Secret.CopyOf(holder.Bytes.Span[..Secret.KeyBytes])))];
        try
        {
            return SecretSharing.Combine(shares);
        }
        finally
        {
            foreach (SecretShare share in shares)
            {
                share.Dispose();
            }
        }
    }

    private string? ShareWrong(int slot, ReadOnlyMemory<byte> bytes) =>
        bytes.Length == Secret.KeyBytes && BlockObject.CommitmentTo(Descriptor.Value, slot, bytes.Span) == Descriptor.Commitments[slot]
            ? null
            : "its share of the key is not the one that the signed metadata commits to";
}
