using Culvert.Enclaves;
using Culvert.Sealing;

namespace Culvert.Engine;

/// <summary>Owner keys in files, for every program that needs one.</summary>
public static class OwnerKeys
{
    private const int TriesMax = 3;

    /// <summary>
    /// The secret of a key file, the caller's to dispose; asks for its passphrase where it has one and no file gives it; prompts go to
    /// <paramref name="messages"/>.
    /// </summary>
    /// <exception cref="OwnerKeyException">The file cannot be read, is no key, is not private, or the passphrase is another.</exception>
    public static Secret Open(string path, string? passphraseFile, TextWriter messages)
    {
        using OwnerKeyFile file = Read(path);
        if (!file.HasPassphrase)
        {
            if (passphraseFile is not null)
            {
                messages.WriteLine($"{path} has no passphrase; --passphrase-file is not looked at");
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
            using Secret typed = Passphrases.Ask($"Passphrase of {path}: ", path, messages);
            Outcome<Secret> opened = file.Open(typed);
            if (opened.Succeeded || tries == TriesMax)
            {
                return ValueOf(opened, path);
            }

            messages.WriteLine($"{path}: {opened.Failure.Message}");
        }
    }

    /// <summary>A key file, not yet opened by its passphrase.</summary>
    public static OwnerKeyFile Read(string path)
    {
        using Secret text = PrivateFile.Read(path, OwnerKeyFile.BytesMax);
        return ValueOf(OwnerKeyFile.Read(text.Bytes), path);
    }

    /// <summary>Writes a new key file, with a passphrase unless that is null.</summary>
    public static void Create(string path, Secret owner, Secret? passphrase)
    {
        using Secret text = passphrase is null ? OwnerKeyFile.Write(owner) : OwnerKeyFile.Write(owner, passphrase, MachineEntropy.Instance);
        PrivateFile.Create(path, text);
    }

    /// <summary>A value, or the failure as an exception, with the file that it is about.</summary>
    public static T ValueOf<T>(Outcome<T> outcome, string path) =>
        outcome.Succeeded ? outcome.Value : throw new OwnerKeyException($"{path}: {outcome.Failure.Message}");
}
