namespace Culvert.Storage;

/// <summary>What a client of a store is made of.</summary>
public sealed record StoreSetup
{
    /// <summary>The clouds that this client can reach, found by their names.</summary>
    public required IReadOnlyList<ICloud> Clouds { get; init; }

    /// <summary>Its keys; stay the caller's.</summary>
    public required StoreKeys Keys { get; init; }

    /// <summary>The folder on its own machine that makes it never go back; its own alone.</summary>
    public required IBlobs State { get; init; }

    /// <summary>Where the newest metadata is kept too, so that a reader without a folder does not go back: somewhere that clouds cannot change. Default: nowhere.</summary>
    public IBlobs? Anchor { get; init; }

    /// <summary>Time.</summary>
    public required IClock Clock { get; init; }

    /// <summary>Randomness.</summary>
    public required IEntropy Entropy { get; init; }

    /// <summary>How it is used.</summary>
    public StoreOptions Options { get; init; } = new();
}
