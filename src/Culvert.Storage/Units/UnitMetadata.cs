using System.Buffers;
using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>
/// A signed metadata record: what a unit is from one counter on (docs/specs/unit.md, Metadata). Immutable; what
/// <see cref="TryRead"/> gives is canonical, and signed by a writer of the configuration it was read under.
/// </summary>
public sealed class UnitMetadata
{
    private const byte KindValue = 1;
    private const byte KindTombstone = 2;
    private const string What = "unit metadata";

    /// <summary>The unit.</summary>
    public required UnitName Unit { get; init; }

    /// <summary>The store.</summary>
    public required StoreId Store { get; init; }

    /// <summary>The configuration whose clouds it was written to.</summary>
    public required long Configuration { get; init; }

    /// <summary>Its place in the unit's chain, from 1.</summary>
    public required long Counter { get; init; }

    /// <summary>The client that made it.</summary>
    public required WriterId Writer { get; init; }

    /// <summary>Digest of the record before; zero where there was none: for counter 1, or a greater one whose predecessors reached no cloud.</summary>
    public required ContentDigest Previous { get; init; }

    /// <summary>The oldest counter whose record is kept.</summary>
    public required long OldestCounter { get; init; }

    /// <summary>When it was made, by its writer's clock, ms since 1970.</summary>
    public required long TimeMs { get; init; }

    /// <summary>What the next put's version will be numbered.</summary>
    public required long NextNumber { get; init; }

    /// <summary>The versions that can be read, oldest first; none when the unit was removed.</summary>
    public required IReadOnlyList<KeptVersion> Versions { get; init; }

    /// <summary>The newest version's descriptor; null when the unit was removed.</summary>
    public required ValueDescriptor? Descriptor { get; init; }

    /// <summary>The unit was removed.</summary>
    public bool IsTombstone => Descriptor is null;

    /// <summary>The newest version; null when the unit was removed.</summary>
    public KeptVersion? Newest => Versions.Count > 0 ? Versions[^1] : null;

    /// <summary>Its age.</summary>
    public RecordVersion Version { get; private set; }

    /// <summary>The signed bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    private static ReadOnlySpan<byte> Mark => "CULVUNT1"u8;

    /// <summary>Signs it.</summary>
    /// <exception cref="ArgumentException">It breaks a rule that a reader checks.</exception>
    internal UnitMetadata Sign(SigningKey key)
    {
        ArrayBufferWriter<byte> body = new();
        body.Write(Mark);
        body.Int32(IsTombstone ? KindTombstone : KindValue);
        body.UInt128(Store.Value);
        body.Int64(Configuration);
        body.Int64(Counter);
        body.Int64(unchecked((long)Writer.Value));
        body.UInt128(key.PublicKey.Id);
        Previous.WriteTo(body);
        body.Int64(OldestCounter);
        body.Int64(TimeMs);
        body.Int64(NextNumber);
        body.Text(Unit.Text);
        body.Int32(Versions.Count);
        foreach (KeptVersion version in Versions)
        {
            version.WriteTo(body);
        }

        body.Part(Descriptor is null ? [] : Descriptor.Bytes.Span);
        Outcome<UnitMetadata> read = TryRead(SignedObject.Sign(body, key), Store, id => id == key.PublicKey.Id ? key.PublicKey : null);
        return read.Succeeded ? read.Value : throw new ArgumentException(read.Failure.Message);
    }

    /// <summary>Reads a record that may come from an adversary: of this store, and signed by a key that <paramref name="signerOf"/> knows.</summary>
    internal static Outcome<UnitMetadata> TryRead(ReadOnlyMemory<byte> bytes, StoreId store, Func<UInt128, VerifyingKey?> signerOf)
    {
        if (bytes.Length > UnitLimits.MetadataBytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"{What}: {bytes.Length} bytes, and at most {UnitLimits.MetadataBytesMax} are allowed");
        }

        ReadOnlySpan<byte> body = SignedObject.Body(bytes.Span, Mark);
        FieldReader reader = new(body);
        reader.Take(Mark.Length);
        int kind = reader.Int32();
        StoreId of = new(reader.UInt128());
        (long configuration, long counter) = (reader.Int64(), reader.Int64());
        WriterId writer = new(unchecked((ulong)reader.Int64()));
        UInt128 signer = reader.UInt128();
        ContentDigest previous = ContentDigest.ReadFrom(ref reader);
        (long oldest, long time, long next) = (reader.Int64(), reader.Int64(), reader.Int64());
        Outcome<UnitName> unit = UnitName.TryParse(reader.Text(UnitName.BytesMax));
        if (reader.IsCut || !unit.Succeeded || kind is not (KindValue or KindTombstone)
            || configuration is < 1 or > UnitLimits.NumberMax || counter is < 1 or > UnitLimits.NumberMax
            || oldest < 1 || oldest > counter || time < 0 || next is < 1 or > UnitLimits.NumberMax || (counter == 1 && previous != default))
        {
            return SignedObject.Malformed(What, "it is cut, or a field is out of range");
        }

        if (of != store)
        {
            return new Failure(FailureKind.Mismatch, $"{What}: it is of another store");
        }

        List<KeptVersion> versions = [];
        Outcome<ValueDescriptor?> descriptor = ReadVersions(ref reader, versions, kind == KindTombstone, (oldest, counter, next));
        if (!descriptor.Succeeded)
        {
            return descriptor.Failure;
        }

        if (signerOf(signer) is not { } key)
        {
            return SignedObject.UnknownSigner(What);
        }

        if (!SignedObject.Verifies(bytes.Span, key))
        {
            return new Failure(FailureKind.Integrity, $"{What}: no writer of this store signed it");
        }

        return new UnitMetadata
        {
            Unit = unit.Value,
            Store = store,
            Configuration = configuration,
            Counter = counter,
            Writer = writer,
            Previous = previous,
            OldestCounter = oldest,
            TimeMs = time,
            NextNumber = next,
            Versions = versions,
            Descriptor = descriptor.Value,
            Version = new RecordVersion(counter, writer, ContentDigest.Of(body)),
            Bytes = bytes.ToArray(),
        };
    }

    private static Outcome<ValueDescriptor?> ReadVersions(
        ref FieldReader reader, List<KeptVersion> versions, bool isTombstone, (long Oldest, long Counter, long Next) bounds)
    {
        int count = reader.Int32();
        if (count < 0 || count > UnitLimits.VersionsMax || (count == 0) != isTombstone || (long)count * KeptVersion.SizeBytes > reader.Left)
        {
            return SignedObject.Malformed(What, "it is cut, or has too many versions");
        }

        for (int i = 0; i < count; i++)
        {
            KeptVersion version = KeptVersion.ReadFrom(ref reader);
            bool isInOrder = version.Number > (i == 0 ? 0 : versions[^1].Number) && version.Number < bounds.Next
                && version.TimeMs >= 0 && version.Bytes >= 0
                && (version.Holder == 0 || (version.Holder >= bounds.Oldest && version.Holder <= bounds.Counter));
            if (!isInOrder)
            {
                return SignedObject.Malformed(What, "its versions are not in order");
            }

            versions.Add(version);
        }

        ReadOnlySpan<byte> part = reader.Part(UnitLimits.DescriptorBytesMax);
        if (reader.IsCut || reader.Left > 0)
        {
            return SignedObject.Malformed(What, "its length is not that of its fields");
        }

        if (isTombstone)
        {
            return part.IsEmpty ? (ValueDescriptor?)null : SignedObject.Malformed(What, "a tombstone has no descriptor");
        }

        Outcome<ValueDescriptor> descriptor = ValueDescriptor.TryRead(part.ToArray());
        if (!descriptor.Succeeded)
        {
            return descriptor.Failure;
        }

        KeptVersion newest = versions[^1];
        return newest.Descriptor == descriptor.Value.Digest && newest.Value == descriptor.Value.Value && newest.Bytes == descriptor.Value.ValueBytes
            ? descriptor.Value
            : SignedObject.Malformed(What, "its descriptor is not that of its newest version");
    }
}
