namespace Culvert.Engine;

/// <summary>An owner's key is not there or cannot be read; the message says why and what to do.</summary>
public sealed class OwnerKeyException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>True when it is the command line that has to be another, and nothing is wrong with a file.</summary>
    public bool IsUsage { get; private init; }

    /// <summary>One about the command line.</summary>
    public static OwnerKeyException Usage(string message) => new(message) { IsUsage = true };
}
