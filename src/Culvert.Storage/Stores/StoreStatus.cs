namespace Culvert.Storage;

/// <summary>How a cloud does.</summary>
/// <param name="Slot">Its place.</param>
/// <param name="Name">Its name.</param>
/// <param name="Location">Where it is.</param>
/// <param name="Failure">Why it did not answer just now; null when it did.</param>
/// <param name="Traffic">What this client measured.</param>
/// <param name="StoredBytes">Bytes of all its objects, by its own list; null when that was not asked for.</param>
/// <param name="Misbehaviour">What it did wrong, as far as this client has seen.</param>
public sealed record CloudStatus(
    int Slot, string Name, string Location, string? Failure, CloudTraffic Traffic, long? StoredBytes, IReadOnlyList<Misbehaviour> Misbehaviour);

/// <summary>How a store does.</summary>
/// <param name="Store">Its id.</param>
/// <param name="Configuration">The number of the configuration in use.</param>
/// <param name="Faults">f.</param>
/// <param name="Clouds">Its clouds, by slot.</param>
/// <param name="Behind">Units that are under-replicated, as far as this client knows.</param>
public sealed record StoreStatus(StoreId Store, long Configuration, int Faults, IReadOnlyList<CloudStatus> Clouds, IReadOnlyList<UnderReplication> Behind);
