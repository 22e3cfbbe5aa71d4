using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Culvert;

/// <summary>
/// Conditions that hold unless Culvert itself is wrong. They stay on in Release builds. Bytes from outside a
/// trusted place never reach one unchecked: a hostile sender would own a switch that stops workers.
/// </summary>
public static class Invariant
{
    /// <summary>Throws <see cref="InvariantViolationException"/> unless <paramref name="condition"/> is true.</summary>
    public static void Holds(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string? statement = null)
    {
        if (!condition)
        {
            Fail(statement);
        }
    }

    [DoesNotReturn]
    private static void Fail(string? statement) => throw new InvariantViolationException(statement ?? "unstated");
}

/// <summary>A programming error in Culvert: the worker that meets it stops.</summary>
public sealed class InvariantViolationException(string statement)
    : InvalidOperationException($"invariant violated: {statement}");
