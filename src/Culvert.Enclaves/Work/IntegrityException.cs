namespace Culvert.Enclaves;

/// <summary>Something from outside was altered, dropped, repeated or moved. The failure names it for the owner.</summary>
/// <param name="failure">What, and where.</param>
/// <param name="forHost">The same by what anyone can see of it, where the failure says more than that, such as a column's name.</param>
public sealed class IntegrityException(Failure failure, string? forHost = null) : Exception($"integrity error: {failure.Message}")
{
    /// <summary>What, and where.</summary>
    public Failure Failure { get; } = failure;

    /// <summary>What the host is told.</summary>
    public string ForHost { get; } = forHost ?? failure.Message;
}
