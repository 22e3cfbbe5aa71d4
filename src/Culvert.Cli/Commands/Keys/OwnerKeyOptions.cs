using System.CommandLine;

namespace Culvert.Cli.Commands.Keys;

/// <summary>The options that name an owner's key, for every command that needs one.</summary>
internal static class OwnerKeyOptions
{
    /// <summary><c>--key FILE</c>, for commands other than <c>keys</c>.</summary>
    internal static Option<string?> Key() => new("--key") { Description = "The owner's key (culvert keys new)", HelpName = "FILE" };

    /// <summary><c>--passphrase-file FILE</c>: where nobody can be asked.</summary>
    internal static Option<string?> PassphraseFile() => new("--passphrase-file")
    {
        Description = "A file whose only line is the key's passphrase; without it, a terminal is asked",
        HelpName = "FILE",
    };
}
