using System.Buffers;
using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>A cloud as a configuration names it.</summary>
/// <param name="Name">Unique in the configuration; 1 to <see cref="UnitLimits.CloudNameBytesMax"/> bytes.</param>
/// <param name="Location">What a driver needs to find it, without credentials; at most <see cref="UnitLimits.LocationBytesMax"/> bytes.</param>
public sealed record CloudPlace(string Name, string Location);

/// <summary>
/// The signed list of a store's clouds, writers and readers (docs/specs/unit.md, Configuration). Immutable; what
/// <see cref="TryRead"/> gives is canonical and signed by the owner.
/// </summary>
public sealed class StoreConfiguration
{
    private const string What = "store configuration";

    /// <summary>The store.</summary>
    public required StoreId Store { get; init; }

    /// <summary>1 for the first, then one more each time.</summary>
    public required long Number { get; init; }

    /// <summary>Digest of the configuration before; zero for the first.</summary>
    public required ContentDigest Previous { get; init; }

    /// <summary>When it was made, by its maker's clock, ms since 1970.</summary>
    public required long TimeMs { get; init; }

    /// <summary>The owner's signing key.</summary>
    public required VerifyingKey Owner { get; init; }

    /// <summary>Who else may sign metadata and leases.</summary>
    public IReadOnlyList<VerifyingKey> Writers { get; init; } = [];

    /// <summary>Whom new values in mode <c>sealed</c> are wrapped for.</summary>
    public IReadOnlyList<HpkePublicKey> Readers { get; init; } = [];

    /// <summary>The clouds, by slot: 3f + 1.</summary>
    public required IReadOnlyList<CloudPlace> Clouds { get; init; }

    /// <summary>How many clouds of them it takes.</summary>
    public Quorum Quorum => new((Clouds.Count - 1) / 3);

    /// <summary>Digest of the bytes without the signature.</summary>
    public ContentDigest Digest { get; private set; }

    /// <summary>The signed bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    private static ReadOnlySpan<byte> Mark => "CULVCFG1"u8;

    /// <summary>Signs it.</summary>
    /// <exception cref="ArgumentException">It breaks a rule that a reader checks.</exception>
    public StoreConfiguration Sign(SigningKey owner)
    {
        ArrayBufferWriter<byte> body = new();
        body.Write(Mark);
        body.UInt128(Store.Value);
        body.Int64(Number);
        Previous.WriteTo(body);
        body.Int64(TimeMs);
        body.Byte((byte)Quorum.Faults);
        body.Byte((byte)Clouds.Count);
        body.UInt16(0);
        body.Write(Owner.Bytes);
        body.Int32(Writers.Count);
        foreach (VerifyingKey writer in Writers.OrderBy(key => key.ToString(), StringComparer.Ordinal))
        {
            body.Write(writer.Bytes);
        }

        body.Int32(Readers.Count);
        foreach (HpkePublicKey reader in Readers.OrderBy(key => key.ToString(), StringComparer.Ordinal))
        {
            body.Write(reader.Bytes);
        }

        foreach (CloudPlace cloud in Clouds)
        {
            body.Text(cloud.Name);
            body.Text(cloud.Location);
        }

        Outcome<StoreConfiguration> read = TryRead(SignedObject.Sign(body, owner), owner.PublicKey);
        return read.Succeeded ? read.Value : throw new ArgumentException(read.Failure.Message);
    }

    /// <summary>Reads a configuration that may come from an adversary, and is the owner's.</summary>
    public static Outcome<StoreConfiguration> TryRead(ReadOnlyMemory<byte> bytes, VerifyingKey owner)
    {
        if (bytes.Length > UnitLimits.ConfigurationBytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"{What}: {bytes.Length} bytes, and at most {UnitLimits.ConfigurationBytesMax} are allowed");
        }

        ReadOnlySpan<byte> body = SignedObject.Body(bytes.Span, Mark);
        FieldReader reader = new(body);
        reader.Take(Mark.Length);
        StoreId store = new(reader.UInt128());
        long number = reader.Int64();
        ContentDigest previous = ContentDigest.ReadFrom(ref reader);
        long time = reader.Int64();
        int faults = reader.Byte();
        int clouds = reader.Byte();
        bool reserved = reader.UInt16() == 0;
        bool isOwners = reader.Take(VerifyingKey.SizeBytes).SequenceEqual(owner.Bytes);
        if (reader.IsCut || !isOwners || !reserved || faults > UnitLimits.FaultsMax || clouds != new Quorum(faults).Clouds
            || number is < 1 or > UnitLimits.NumberMax || time < 0 || (number == 1) != (previous == default))
        {
            return SignedObject.Malformed(What, reader.IsCut || isOwners ? "it is cut, or a field is out of range" : "it is another owner's");
        }

        List<VerifyingKey> writers = [];
        List<HpkePublicKey> readers = [];
        List<CloudPlace> places = [];
        if (!ReadKeys(ref reader, UnitLimits.WritersMax, VerifyingKey.TryRead, writers)
            || !ReadKeys(ref reader, UnitLimits.ReadersMax, HpkePublicKey.TryRead, readers)
            || !ReadClouds(ref reader, clouds, places))
        {
            return SignedObject.Malformed(What, "its lists of writers, readers and clouds are not in order");
        }

        if (reader.IsCut || reader.Left > 0)
        {
            return SignedObject.Malformed(What, "its length is not that of its fields");
        }

        if (!SignedObject.Verifies(bytes.Span, owner))
        {
            return new Failure(FailureKind.Integrity, $"{What}: the owner did not sign it");
        }

        return new StoreConfiguration
        {
            Store = store,
            Number = number,
            Previous = previous,
            TimeMs = time,
            Owner = owner,
            Writers = writers,
            Readers = readers,
            Clouds = places,
            Digest = ContentDigest.Of(body),
            Bytes = bytes.ToArray(),
        };
    }

    /// <summary>The key with a short name that may sign metadata and leases; null when there is none.</summary>
    public VerifyingKey? SignerOf(UInt128 id) => Owner.Id == id ? Owner : Writers.FirstOrDefault(writer => writer.Id == id);

    private delegate Outcome<T> KeyReader<T>(ReadOnlySpan<byte> bytes);

    private static bool ReadKeys<T>(ref FieldReader reader, int countMax, KeyReader<T> read, List<T> keys)
    {
        int count = reader.Int32();
        if (count < 0 || count > countMax)
        {
            return false;
        }

        ReadOnlySpan<byte> last = default;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> bytes = reader.Take(VerifyingKey.SizeBytes);
            Outcome<T> key = read(bytes);
            if (!key.Succeeded || (i > 0 && last.SequenceCompareTo(bytes) >= 0))
            {
                return false;
            }

            last = bytes;
            keys.Add(key.Value);
        }

        return true;
    }

    private static bool ReadClouds(ref FieldReader reader, int count, List<CloudPlace> places)
    {
        for (int slot = 0; slot < count; slot++)
        {
            CloudPlace place = new(reader.Text(UnitLimits.CloudNameBytesMax), reader.Text(UnitLimits.LocationBytesMax));
            if (reader.IsCut || place.Name.Length == 0 || place.Name.Any(char.IsControl) || places.Any(other => other.Name == place.Name))
            {
                return false;
            }

            places.Add(place);
        }

        return true;
    }
}
