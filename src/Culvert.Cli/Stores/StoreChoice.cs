using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>A store as a command line names it.</summary>
/// <param name="Path">The file of clouds.</param>
/// <param name="PassphraseFile">The file of the key's passphrase; null: a terminal is asked, where the key has one.</param>
internal sealed record StoreChoice(string Path, string? PassphraseFile)
{
    /// <summary>The file of clouds unless a command line says otherwise, in the current folder.</summary>
    internal const string DefaultPath = "clouds.yaml";

    /// <summary>How the store is used.</summary>
    internal StoreOptions Options { get; init; } = new();
}
