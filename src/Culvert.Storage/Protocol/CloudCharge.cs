namespace Culvert.Storage;

/// <summary>What a cloud is charged with.</summary>
public enum ChargeKind
{
    /// <summary>It held other bytes than a signed record names by digest: certain.</summary>
    Altered = 1,

    /// <summary>It held a record, configuration or lease that nobody who may signed: certain.</summary>
    Forged,

    /// <summary>
    /// It held a record or lease by a key that may not write by the configuration in use: suspicion, since a writer who was left out
    /// signed so before, and one who is new to this client does.
    /// </summary>
    UnknownSigner,

    /// <summary>What it confirmed, or ought to hold, is not there: suspicion, since a put may have failed behind its back.</summary>
    Lost,

    /// <summary>It gave older metadata than it confirmed, or than this client has seen from it: suspicion.</summary>
    Stale,
}

/// <summary>
/// What did not fit, with what convinces the owner: a signed record names what ought to be there, and these are the bytes that
/// were. Clouds sign nothing, so it convinces nobody else.
/// </summary>
/// <param name="Slot">The cloud.</param>
/// <param name="Kind">What it is charged with.</param>
/// <param name="ObjectName">The object.</param>
/// <param name="Message">In words.</param>
/// <param name="Held">What it gave; empty where nothing was.</param>
public sealed record CloudCharge(int Slot, ChargeKind Kind, string ObjectName, string Message, ReadOnlyMemory<byte> Held = default)
{
    /// <summary>Whether it is certain that the cloud, or the way to it, is faulty.</summary>
    public bool IsCertain => Kind is ChargeKind.Altered or ChargeKind.Forged;

    /// <summary>A signed object that was not taken, and why.</summary>
    internal static CloudCharge OfRefused(int slot, string objectName, Failure why, ReadOnlyMemory<byte> held) =>
        new(slot, SignedObject.IsOfUnknownSigner(why) ? ChargeKind.UnknownSigner : ChargeKind.Forged, objectName, $"{objectName}: {why.Message}", held);
}
