namespace Culvert.Streams;

/// <summary>
/// A row that an operator cannot go on with: a division by zero, an overflow, an error in user code. Thrown while a batch
/// is pushed through a chain of operators; on its way up, each operator that renumbered the rows translates
/// <see cref="Row"/> back to its own input, so that the source can put file and line to it. Nothing is paid for this
/// while nothing fails.
/// </summary>
public sealed class RowFailedException : Exception
{
    /// <summary>Makes the failure of a row of the batch at hand.</summary>
    public RowFailedException(int row, string message, Exception? inner = null)
        : base(message, inner) => Row = row;

    /// <summary>The row in the batch of the operator that is looking at this exception.</summary>
    public int Row { get; set; }

    /// <summary>The operator that failed, as <c>plan</c> prints it; set by the chain.</summary>
    public string? Operator { get; set; }

    /// <summary>The event, in words; set where it is first seen.</summary>
    public string? Event { get; set; }
}
