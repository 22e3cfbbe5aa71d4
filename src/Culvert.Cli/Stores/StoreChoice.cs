using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>A store as a command line names it.</summary>
/// <param name="Path">The file of clouds.</param>
/// <param name="PassphraseFile">The file of the key's passphrase; null: a terminal is asked, where the key has one.</param>
internal sealed record StoreChoice(string Path, string? PassphraseFile)
{
    /// <summary>The file of clouds unless a command line says otherwise, in the current folder.</summary>
    internal const string DefaultPath = "clouds.yaml";

    /// <summary>The key of a reader or writer who is not the owner, by <c>--key</c>; null: as the file of clouds says.</summary>
    internal string? KeyPath { get; init; }

    /// <summary>The file beside the file of clouds that has its name with another ending.</summary>
    internal string Beside(string extension) => System.IO.Path.ChangeExtension(System.IO.Path.GetFullPath(Path), extension);

    /// <summary>How the store is used.</summary>
    internal StoreOptions Options { get; init; } = new();
}
