using System.Buffers;
using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>A signed lease: one client's claim to be a unit's only writer for a time (docs/specs/unit.md, Lease). Immutable.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Writer">Who claims.</param>
/// <param name="Nonce">Random: tells this lease from the writer's others.</param>
/// <param name="MadeMs">When it was made, by its maker's clock, ms since 1970.</param>
/// <param name="EndsMs">When it ends, by its maker's clock, ms since 1970.</param>
internal sealed record Lease(UnitName Unit, WriterId Writer, UInt128 Nonce, long MadeMs, long EndsMs)
{
    private const string What = "lease";

    internal string ObjectName => UnitObjects.Lease(Unit, Writer, Nonce);

    private static ReadOnlySpan<byte> Mark => "CULVLSE1"u8;

    internal byte[] Sign(StoreId store, SigningKey key)
    {
        ArrayBufferWriter<byte> body = new();
        body.Write(Mark);
        body.UInt128(store.Value);
        body.Int64(unchecked((long)Writer.Value));
        body.UInt128(Nonce);
        body.UInt128(key.PublicKey.Id);
        body.Int64(MadeMs);
        body.Int64(EndsMs);
        body.Text(Unit.Text);
        return SignedObject.Sign(body, key);
    }

    /// <summary>Reads a lease that may come from an adversary: of this store, and signed by a key that <paramref name="signerOf"/> knows.</summary>
    internal static Outcome<Lease> TryRead(ReadOnlyMemory<byte> bytes, StoreId store, Func<UInt128, VerifyingKey?> signerOf)
    {
        if (bytes.Length > UnitLimits.LeaseBytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"{What}: {bytes.Length} bytes, and at most {UnitLimits.LeaseBytesMax} are allowed");
        }

        FieldReader reader = new(SignedObject.Body(bytes.Span, Mark));
        reader.Take(Mark.Length);
        StoreId of = new(reader.UInt128());
        WriterId writer = new(unchecked((ulong)reader.Int64()));
        UInt128 nonce = reader.UInt128();
        UInt128 signer = reader.UInt128();
        (long made, long ends) = (reader.Int64(), reader.Int64());
        Outcome<UnitName> unit = UnitName.TryParse(reader.Text(UnitName.BytesMax));
        if (reader.IsCut || reader.Left > 0 || !unit.Succeeded || made < 0 || ends < made || ends - made > (long)UnitLimits.LeaseMax.TotalMilliseconds)
        {
            return SignedObject.Malformed(What, "it is cut, too long, or a field is out of range");
        }

        if (of != store)
        {
            return new Failure(FailureKind.Mismatch, $"{What}: it is of another store");
        }

        return signerOf(signer) is not { } key ? SignedObject.UnknownSigner(What)
            : SignedObject.Verifies(bytes.Span, key) ? new Lease(unit.Value, writer, nonce, made, ends)
            : new Failure(FailureKind.Integrity, $"{What}: no writer of this store signed it");
    }
}
