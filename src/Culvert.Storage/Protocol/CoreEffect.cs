namespace Culvert.Storage;

/// <summary>What a protocol core wants done. <paramref name="Id"/> is given back with what came of it.</summary>
internal abstract record CoreEffect(long Id);

/// <summary>A call to the cloud of a slot.</summary>
internal abstract record CloudCall(long Id, int Slot) : CoreEffect(Id);

/// <summary>Names behind <paramref name="Prefix"/>, from the first on.</summary>
internal sealed record ListCall(long Id, int Slot, string Prefix) : CloudCall(Id, Slot);

/// <summary>
/// An object, or its first <paramref name="BytesMax"/> bytes when <paramref name="IsPart"/>; one that is longer otherwise comes
/// back as <see cref="CloudReply.IsTooLong"/>. <paramref name="BytesLikely"/>: how much room to begin with.
/// </summary>
internal sealed record GetCall(long Id, int Slot, string Name, int BytesLikely, int BytesMax, bool IsPart) : CloudCall(Id, Slot);

/// <summary>Stores an object.</summary>
internal sealed record PutCall(long Id, int Slot, string Name, ReadOnlyMemory<byte> Content, PutCondition Condition) : CloudCall(Id, Slot);

/// <summary>Removes an object.</summary>
internal sealed record RemoveCall(long Id, int Slot, string Name) : CloudCall(Id, Slot);

/// <summary>Tells when a time has passed.</summary>
internal sealed record Timer(long Id, TimeSpan Delay) : CoreEffect(Id);

/// <summary>The answer to a call is not needed any more. No answer comes.</summary>
internal sealed record Cancellation(long Id) : CoreEffect(Id);

/// <summary>What came of a call: a failure, or what it asked for.</summary>
/// <param name="Failure">Why there is no answer.</param>
/// <param name="Bytes">The object; of one that is too long the beginning.</param>
/// <param name="Listing">The names.</param>
internal sealed record CloudReply(CloudFailure? Failure, ReadOnlyMemory<byte> Bytes, CloudListing? Listing)
{
    internal static CloudReply Done { get; } = new(null, default, null);

    internal bool Succeeded => Failure is null;

    /// <summary>
    /// The cloud has an object of that name, longer than any that is right. That is something wrong in the object's place; an answer that
    /// is none (<see cref="CloudFailureKind.Malformed"/> otherwise) may come from anybody on the way.
    /// </summary>
    internal bool IsTooLong { get; private init; }

    internal bool IsAbsent => Failure?.Kind == CloudFailureKind.Absent;

    internal static CloudReply Of(CloudFailure failure) => new(failure, default, null);

    internal static CloudReply TooLong(string message, ReadOnlyMemory<byte> beginning) =>
        new(new CloudFailure(CloudFailureKind.Malformed, message), beginning, null) { IsTooLong = true };

    internal static CloudReply Of(ReadOnlyMemory<byte> bytes) => new(null, bytes, null);

    internal static CloudReply Of(CloudListing listing) => new(null, default, listing);
}
