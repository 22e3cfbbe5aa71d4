namespace Culvert.Streams;

/// <summary>What <see cref="IRowSource.Next"/> ended with.</summary>
public enum RowSourceStep
{
    /// <summary>There is a batch.</summary>
    Batch,

    /// <summary>There is nothing yet.</summary>
    NotYet,

    /// <summary>The sequence has ended.</summary>
    End,
}
