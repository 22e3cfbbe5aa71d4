namespace Culvert.Enclaves;

/// <summary>Something from outside was altered, dropped, repeated or moved. The failure names it, by what anyone can see of it.</summary>
public sealed class IntegrityException(Failure failure) : Exception($"integrity error: {failure.Message}")
{
    /// <summary>What, and where.</summary>
    public Failure Failure { get; } = failure;
}
