namespace Culvert.Engine;

/// <summary>How a job program writes its result.</summary>
public enum ResultFormat
{
    /// <summary>A table for people.</summary>
    Table,

    /// <summary>One document, when the job has ended; see <see cref="ResultJson"/>.</summary>
    Json,

    /// <summary>A JSON object a line.</summary>
    JsonLines,

    /// <summary>CSV with a header.</summary>
    Csv,

    /// <summary>A sealed file (docs/specs), which only its owner can open.</summary>
    Sealed,
}
