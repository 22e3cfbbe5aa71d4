using System.CommandLine;
using Culvert.Cli.Output;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Sealing;

namespace Culvert.Cli.Commands.Keys;

/// <summary>Owner keys in files, for every command that needs one.</summary>
internal static class OwnerKeys
{
    private const int TriesMax = 3;

    /// <summary><c>--key FILE</c>, for commands other than <c>keys</c>.</summary>
    internal static Option<string?> Key() => new("--key") { Description = "The owner's key (culvert keys new)", HelpName = "FILE" };

    /// <summary><c>--passphrase-file FILE</c>: where nobody can be asked.</summary>
    internal static Option<string?> PassphraseFile() => new("--passphrase-file")
    {
        Description = "A file whose only line is the key's passphrase; without it, a terminal is asked",
        HelpName = "FILE",
    };

    /// <summary>
    /// The secret of a key file, the caller's to dispose; asks for its passphrase where it has one and no file gives it.
    /// </summary>
    /// <exception cref="CommandFailedException">The file cannot be read, is no key, is not private, or the passphrase is another.</exception>
    internal static Secret Open(string path, string? passphraseFile)
    {
        using OwnerKeyFile file = Read(path);
        if (!file.HasPassphrase)
        {
            if (passphraseFile is not null)
            {
                Terminal.Error.WriteLine($"culvert: {path} has no passphrase; --passphrase-file is not looked at");
            }

            return ValueOf(file.Open(null), path);
        }

        if (passphraseFile is not null)
        {
            using Secret given = Passphrases.FromFile(passphraseFile);
            return ValueOf(file.Open(given), path);
        }

        for (int tries = 1; ; tries++)
        {
            using Secret typed = Passphrases.Ask($"Passphrase of {path}: ", path);
            Outcome<Secret> opened = file.Open(typed);
            if (opened.Succeeded || tries == TriesMax)
            {
                return ValueOf(opened, path);
            }

            Terminal.Error.WriteLine($"{path}: {opened.Failure.Message}");
        }
    }

    /// <summary>A key file, not yet opened by its passphrase.</summary>
    internal static OwnerKeyFile Read(string path)
    {
        using Secret text = PrivateFile.Read(path, OwnerKeyFile.BytesMax);
        return ValueOf(OwnerKeyFile.Read(text.Bytes), path);
    }

    /// <summary>Writes a new key file, with a passphrase unless that is null.</summary>
    internal static void Create(string path, Secret owner, Secret? passphrase)
    {
        using Secret text = passphrase is null ? OwnerKeyFile.Write(owner) : OwnerKeyFile.Write(owner, passphrase, MachineEntropy.Instance);
        PrivateFile.Create(path, text);
    }

    /// <summary>A value, or the failure as this command's, with the file that it is about.</summary>
    internal static T ValueOf<T>(Outcome<T> outcome, string path) =>
        outcome.Succeeded ? outcome.Value : throw new CommandFailedException(ExitCode.Failed, $"{path}: {outcome.Failure.Message}");
}
