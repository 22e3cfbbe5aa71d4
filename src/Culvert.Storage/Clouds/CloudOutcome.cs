using System.Diagnostics.CodeAnalysis;

namespace Culvert.Storage;

/// <summary>Why a cloud did not do what it was asked. A closed set: callers switch on it, never on text.</summary>
public enum CloudFailureKind
{
    /// <summary>There is no such object (or, asked for its parts, no such container).</summary>
    Absent = 1,

    /// <summary>There is an object of that name already, and the put was conditional.</summary>
    Exists,

    /// <summary>It refused the credentials or the right.</summary>
    Refused,

    /// <summary>It has no room left, or a quota is reached.</summary>
    Full,

    /// <summary>It could not be reached, broke off, was too slow, or failed by itself; asking later may help.</summary>
    Unavailable,

    /// <summary>Its answer is not what its protocol allows.</summary>
    Malformed,
}

/// <summary>A cloud's refusal. <paramref name="Message"/> holds no credential.</summary>
public sealed record CloudFailure(CloudFailureKind Kind, string Message);

/// <summary>What a cloud answered, or why there is no answer.</summary>
public readonly struct CloudOutcome<T>
{
    private readonly T? _value;

    private CloudOutcome(T? value, CloudFailure? failure) => (_value, Failure) = (value, failure);

    /// <summary>Why there is no answer; null when there is one.</summary>
    public CloudFailure? Failure { get; }

    /// <summary>True when there is an answer.</summary>
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Failure is null;

    /// <summary>The answer. Asking a failed outcome for it is a programming error.</summary>
    public T Value => Failure is null ? _value! : throw new InvalidOperationException($"no answer: {Failure.Message}");

    public static implicit operator CloudOutcome<T>(T value) => new(value, null);

    public static implicit operator CloudOutcome<T>(CloudFailure failure) => new(default, failure);
}

/// <summary>A call that answers nothing but that it was done.</summary>
public readonly record struct CloudDone;

/// <summary>What was read: how many bytes, and how long the whole object is.</summary>
public readonly record struct CloudRead(int Bytes, long ObjectBytes);

/// <summary>An object in a list.</summary>
public readonly record struct CloudEntry(string Name, long Bytes);

/// <summary>A part of a list, in ordinal order. <paramref name="HasMore"/>: ask again behind the last name.</summary>
public sealed record CloudListing(IReadOnlyList<CloudEntry> Entries, bool HasMore);

/// <summary>When a put goes through.</summary>
public enum PutCondition
{
    /// <summary>Always; an object of that name is replaced, all at once.</summary>
    Always,

    /// <summary>Only when there is no object of that name.</summary>
    IfAbsent,
}

/// <summary>What a cloud offers beyond the five calls.</summary>
/// <param name="ConditionalPut">It decides <see cref="PutCondition.IfAbsent"/> itself, so that of two at once one wins.</param>
public readonly record struct CloudTraits(bool ConditionalPut);

/// <summary>Limits of calls to clouds.</summary>
public static class CloudLimits
{
    /// <summary>
    /// Longest name, bytes of ASCII. Names are of <c>a-z 0-9 - . _ /</c>, and no part between slashes is empty, <c>.</c> or <c>..</c>.
    /// </summary>
    public const int NameBytesMax = 512;

    /// <summary>Longest part of a name between slashes, bytes: file systems stop at 255, and servers add endings of their own.</summary>
    public const int NamePartBytesMax = 200;

    /// <summary>Longest object, bytes: larger things are kept in chunks.</summary>
    public const int ObjectBytesMax = 16 << 20;

    /// <summary>Entries in one listing.</summary>
    public const int ListEntriesMax = 1000;
}
