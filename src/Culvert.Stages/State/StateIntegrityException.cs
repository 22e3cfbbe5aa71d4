namespace Culvert.Stages;

/// <summary>
/// A sealed piece of keyed state outside is not what was last put there: it was altered, exchanged, or is an older one. The
/// message names it. The partition that meets it stops; no wrong data was returned, and a snapshot is where it can go on from.
/// </summary>
public sealed class StateIntegrityException(string message) : Exception(message);
