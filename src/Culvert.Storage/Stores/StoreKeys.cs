using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>
/// The keys by which a client uses a store: all follow from one owner secret (docs/keys.md, Keys of a store). Disposing it erases
/// them. Thread safe until then.
/// </summary>
public sealed class StoreKeys : IDisposable
{
    private StoreKeys(VerifyingKey owner, SigningKey signing, HpkePrivateKey reading, Secret state) =>
        (Owner, Signing, Reading, State) = (owner, signing, reading, state);

    /// <summary>Who signs the store's configurations.</summary>
    public VerifyingKey Owner { get; }

    /// <summary>Signs what this client writes.</summary>
    public SigningKey Signing { get; }

    /// <summary>Opens values that were wrapped for this client.</summary>
    public HpkePrivateKey Reading { get; }

    /// <summary>Whether this client is the owner.</summary>
    public bool IsOwner => Owner.Equals(Signing.PublicKey);

    internal Secret State { get; }

    /// <summary>The keys of the store's owner; <paramref name="secret"/> stays the caller's.</summary>
    public static StoreKeys OfOwner(Secret secret) => Derive(secret, null);

    /// <summary>The keys of a reader or writer of another's store; <paramref name="secret"/> is its own.</summary>
    public static StoreKeys OfMember(Secret secret, VerifyingKey owner) => Derive(secret, owner);

    /// <inheritdoc/>
    public void Dispose()
    {
        Signing.Dispose();
        Reading.Dispose();
        State.Dispose();
    }

    private static StoreKeys Derive(Secret secret, VerifyingKey? owner)
    {
        using Secret reading = KeySchedule.StoreReading(secret);
        SigningKey signing = new(SigningKeys.OfStore(secret));
        return new StoreKeys(owner ?? signing.PublicKey, signing, HpkePrivateKey.Derive(reading.Bytes), KeySchedule.StoreState(secret));
    }
}
