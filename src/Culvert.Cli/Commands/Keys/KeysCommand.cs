using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Sealing;

namespace Culvert.Cli.Commands.Keys;

/// <summary><c>culvert keys</c>: the owner's key, made, shown, backed up and recovered. The secret itself is never printed.</summary>
internal static class KeysCommand
{
    internal static Command Make()
    {
        Command keys = new("keys", "Make, back up and recover the owner's key, from which all other keys follow");
        keys.Add(New());
        keys.Add(Backup());
        keys.Add(Recover());
        keys.Add(Show());
        keys.Add(PublicKeyCommand.Make());
        return keys;
    }

    private static Command New()
    {
        Argument<string> file = new("FILE") { Description = "The file to make; never one that is there" };
        Option<bool> passphrase = Passphrase();
        Option<string?> passphraseFile = NewPassphraseFile();
        Argument<string[]> rest = new("REST") { Hidden = true, Arity = ArgumentArity.ZeroOrMore };
        Command command = new("new", "Make a key: a file that only you may read") { file, rest, passphrase, passphraseFile };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(rest) is [string first, ..])
            {
                // What follows --passphrase may be one, and is not shown again.
                throw CommandFailedException.Usage(parsed.GetValue(passphrase)
                    ? "a passphrase is not given on the command line, where other programs and the shell's history see it: --passphrase asks for it, and --passphrase-file FILE reads it"
                    : $"'{first}' is one argument too many");
            }

            string path = parsed.GetValue(file)!;
            PrivateFile.RefuseIfThere(path);
            using Secret? protection = NewPassphrase(parsed.GetValue(passphrase), parsed.GetValue(passphraseFile));
            using Secret owner = Secret.Random(MachineEntropy.Instance);
            OwnerKeys.Create(path, owner, protection);
            Terminal.Out.WriteLine($"key-id: {KeySchedule.KeyId(owner)}");
            Terminal.Error.WriteLine($"{path} is made. A lost key is lost data: culvert keys backup {path} --shares 5 --threshold 3");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Show()
    {
        Argument<string> file = new("FILE") { Description = "A key, or a share of one" };
        Command command = new("show", "Show a key's id and whether it has a passphrase, or which share a file is; never what is secret") { file };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            using Secret text = PrivateFile.Read(path, OwnerKeyFile.BytesMax);
            if (KeyShare.IsShare(text.Bytes))
            {
                using KeyShare share = OwnerKeys.ValueOf(KeyShare.Read(text.Bytes), path);
                Terminal.Out.WriteLine($"key-id: {share.KeyId}\nshare: {share.Number} of {share.Count}, of which {share.Threshold} are needed\nset-id: {share.SetId:x16}");
                return ExitCode.Success;
            }

            using OwnerKeyFile key = OwnerKeys.ValueOf(OwnerKeyFile.Read(text.Bytes), path);
            Terminal.Out.WriteLine($"key-id: {key.KeyId}\npassphrase: {(key.HasPassphrase ? "yes" : "no")}");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Backup()
    {
        Argument<string> file = new("FILE") { Description = "The key" };
        Option<int> shares = Count("--shares", "How many shares to make, 1 to 255");
        Option<int> threshold = Count("--threshold", "How many of them give back the key, 1 to --shares; 2 or more to protect it");
        Option<string?> folder = new("--output", "-o") { Description = "The folder for the shares; default: the current one", HelpName = "DIR" };
        Option<string?> passphraseFile = OwnerKeyOptions.PassphraseFile();
        Command command = new("backup", "Split a key into shares, a file for each: some of them give it back, and fewer tell nothing")
        {
            file, shares, threshold, folder, passphraseFile,
        };
        command.SetAction(parsed =>
        {
            (int count, int needed) = (parsed.GetValue(shares), parsed.GetValue(threshold));
            return needed <= count
                ? KeyBackup.Make(parsed.GetValue(file)!, count, needed, parsed.GetValue(folder) ?? "", parsed.GetValue(passphraseFile))
                : throw CommandFailedException.Usage($"--threshold is at most --shares: {needed} shares are never there when {count} are made");
        });
        return command;
    }

    private static Command Recover()
    {
        Argument<string[]> files = new("SHARE") { Description = "Shares of one backup, as many as are needed or more", Arity = ArgumentArity.OneOrMore };
        Option<string> output = new("--output", "-o") { Description = "The key file to make; never one that is there", HelpName = "FILE", Required = true };
        Option<bool> passphrase = Passphrase();
        Option<string?> passphraseFile = NewPassphraseFile();
        Command command = new("recover", "Make a key of its shares") { files, output, passphrase, passphraseFile };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(output)!;
            PrivateFile.RefuseIfThere(path);
            using Secret owner = KeyBackup.Recover(parsed.GetValue(files)!);
            using Secret? protection = NewPassphrase(parsed.GetValue(passphrase), parsed.GetValue(passphraseFile));
            OwnerKeys.Create(path, owner, protection);
            Terminal.Out.WriteLine($"key-id: {KeySchedule.KeyId(owner)}");
            Terminal.Error.WriteLine($"{path} is made, {(protection is null ? "without" : "with")} a passphrase.");
            return ExitCode.Success;
        });
        return command;
    }

    private static Secret? NewPassphrase(bool isAsked, string? file) => isAsked || file is not null ? Passphrases.New(file, Terminal.Error) : null;

    private static Option<bool> Passphrase() => new("--passphrase")
    {
        Description = "Ask for a passphrase that the key is sealed with, twice, without showing it",
        Arity = ArgumentArity.Zero,
    };

    private static Option<string?> NewPassphraseFile() => new("--passphrase-file")
    {
        Description = "A file whose only line is the passphrase to seal the key with",
        HelpName = "FILE",
    };

    private static Option<int> Count(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        Required = true,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= KeyShare.CountMax)
            {
                return count;
            }

            result.AddError($"{name} is a number from 1 to {KeyShare.CountMax}, and not '{text}'");
            return 0;
        },
    };
}
