namespace Culvert.Streams;

/// <summary>Bytes that are no plan; never leaves <see cref="PlanReader"/>, which makes a failure of it.</summary>
internal sealed class PlanFormatException(FailureKind kind, string message) : Exception(message)
{
    internal PlanFormatException(string message)
        : this(FailureKind.Malformed, message)
    {
    }

    internal FailureKind Kind { get; } = kind;
}
