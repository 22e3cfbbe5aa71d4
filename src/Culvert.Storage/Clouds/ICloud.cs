namespace Culvert.Storage;

/// <summary>
/// The port to one storage provider: a container of named objects, reached by five calls (DepSky, EuroSys 2011, section 3.2:
/// list, get, create, put, remove). Nothing it answers is trusted. Thread safe. Every call ends by itself within the driver's
/// time-outs, retries what may succeed when asked again, and can be cancelled, which stops waiting and promises nothing about
/// what the cloud did.
/// </summary>
public interface ICloud
{
    /// <summary>What configuration, messages and <c>store status</c> call it.</summary>
    string Name { get; }

    /// <summary>
    /// What it offers. Some clouds have to be tried for it, which <see cref="CreateAsync"/> does, or the first conditional put;
    /// until then this promises nothing. Conditional puts are right to ask for either way.
    /// </summary>
    CloudTraits Traits { get; }

    /// <summary>Makes the container when there is none; nothing happens when there is.</summary>
    ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Names that start with <paramref name="prefix"/> and come behind <paramref name="after"/> (null: from the first), in
    /// ordinal order, with their lengths; at most <see cref="CloudLimits.ListEntriesMax"/> at a time. What is there under a name
    /// that no object can have (see <see cref="CloudName"/>) is passed over: somebody else put it there.
    /// </summary>
    ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken);

    /// <summary>
    /// Reads <paramref name="destination"/>'s length of bytes from <paramref name="offset"/> on, or as many as there are.
    /// The caller's buffer is written to only while the call runs, also by attempts that fail. Whether the object is longer is in
    /// the result; an empty <paramref name="destination"/> asks for its length alone.
    /// </summary>
    ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>
    /// Stores an object whole, or not at all. The content stays the caller's and is not changed until the call has ended.
    /// With <see cref="PutCondition.IfAbsent"/> an object of that name fails it with <see cref="CloudFailureKind.Exists"/>;
    /// where <see cref="CloudTraits.ConditionalPut"/> is false that is checked first, and a race can be lost.
    /// </summary>
    ValueTask<CloudOutcome<CloudDone>> PutAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken);

    /// <summary>Removes an object; succeeds when there is none, and when there is no container.</summary>
    ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken);
}
