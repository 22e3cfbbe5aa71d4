namespace Culvert.Enclaves;

/// <summary>The channel to the host has ended or failed: there is nobody to work for, and nobody to tell.</summary>
public sealed class ChannelEndedException(Failure failure) : Exception(failure.Message)
{
    /// <summary>Why.</summary>
    public Failure Failure { get; } = failure;
}
