using System.CommandLine;
using Culvert.Cli.Output;
using Culvert.Engine;
using Culvert.Sealing;

namespace Culvert.Cli.Commands.Keys;

/// <summary>An owner's key as a command line names it.</summary>
internal sealed record OwnerKeyChoice(string Path, string? PassphraseFile)
{
    /// <summary>The secret, the caller's to dispose; a person may be asked for a passphrase. Failures throw <see cref="OwnerKeyException"/>.</summary>
    internal Secret Open() => OwnerKeys.Open(Path, PassphraseFile, Terminal.Error);

    /// <summary>What a command line chose; null when it names no key.</summary>
    internal static OwnerKeyChoice? Of(ParseResult parsed, Option<string?> key, Option<string?> passphraseFile) =>
        parsed.GetValue(key) is { } path ? new OwnerKeyChoice(path, parsed.GetValue(passphraseFile)) : null;
}
