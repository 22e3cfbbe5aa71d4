using System.Diagnostics.CodeAnalysis;

namespace Culvert;

/// <summary>What can go wrong with input that is not ours to trust. A closed set: callers switch on it, never on text.</summary>
public enum FailureKind
{
    /// <summary>The input is not what its format allows.</summary>
    Malformed = 1,

    /// <summary>The input is well formed but is not the one that was expected (another run, plan, file, version).</summary>
    Mismatch,

    /// <summary>Something that must be there is not.</summary>
    Missing,

    /// <summary>A named limit is exceeded.</summary>
    TooLarge,

    /// <summary>Data was altered, dropped, repeated or moved.</summary>
    Integrity,

    /// <summary>The operating system refused or failed.</summary>
    Io,
}

/// <summary>A refusal: what is wrong, and where (file, line, column, frame), in words for the person who has to mend it.</summary>
public sealed record Failure(FailureKind Kind, string Message);

/// <summary>A value, or the reason why there is none. For outcomes that are expected; programming errors throw.</summary>
public readonly struct Outcome<T>
{
    private readonly T? _value;

    private Outcome(T? value, Failure? failure)
    {
        _value = value;
        Failure = failure;
    }

    /// <summary>The reason why there is no value; null when there is one.</summary>
    public Failure? Failure { get; }

    /// <summary>True when there is a value.</summary>
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Failure is null;

    /// <summary>The value. Asking a failed outcome for it is a programming error.</summary>
    public T Value => Failure is null
        ? _value!
        : throw new InvalidOperationException($"no value: {Failure.Message}");

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Failure failure) => new(default, failure);
}
