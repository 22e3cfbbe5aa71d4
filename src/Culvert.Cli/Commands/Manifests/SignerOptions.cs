using System.CommandLine;
using System.Security.Cryptography;
using Culvert.Cli.Commands.Keys;
using Culvert.Sealing;

namespace Culvert.Cli.Commands.Manifests;

/// <summary>The options that say who signs: an owner by a key file, or a named signer by a private key in PEM.</summary>
internal sealed class SignerOptions
{
    private readonly Option<string?> _key = OwnerKeyOptions.Key();
    private readonly Option<string?> _passphrase = OwnerKeyOptions.PassphraseFile();
    private readonly Option<string?> _signer = ManifestSymbols.SignerKey();

    /// <summary>The options, for a command that has them.</summary>
    internal IEnumerable<Option> Options => [_key, _passphrase, _signer];

    /// <summary>The owner's secret, the caller's to dispose; null when the command line names none.</summary>
    internal Secret? OpenOwner(ParseResult parsed) => OwnerKeyChoice.Of(parsed, _key, _passphrase)?.Open();

    /// <summary>The key to sign with, the caller's to dispose.</summary>
    internal ECDsa Open(ParseResult parsed, Secret? owner) => (owner, parsed.GetValue(_signer)) switch
    {
        ({ } secret, null) => SigningKeys.OfOwner(secret),
        (null, { } path) => SigningKeyFile.ReadPrivate(path),
        (null, null) => throw CommandFailedException.Usage("say who signs: --key owner.key, or --signer-key signer.pem"),
        _ => throw CommandFailedException.Usage("--key and --signer-key both say who signs; give one, and sign again with the other"),
    };
}
