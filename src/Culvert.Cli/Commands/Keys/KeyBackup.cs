using System.Globalization;
using System.Security.Cryptography;
using Culvert.Cli.Output;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Sealing;

namespace Culvert.Cli.Commands.Keys;

/// <summary>A key's shares as files, there and back.</summary>
internal static class KeyBackup
{
    /// <summary>Writes a file for each share, all or none, and reads them again.</summary>
    internal static int Make(string keyPath, int count, int threshold, string folder, string? passphraseFile)
    {
        string[] paths =
        [
            .. Enumerable.Range(1, count).Select(number =>
                Path.Combine(folder, $"{Path.GetFileName(keyPath)}.share-{number.ToString(CultureInfo.InvariantCulture)}")),
        ];
        Array.ForEach(paths, PrivateFile.RefuseIfThere);
        using Secret owner = OwnerKeys.Open(keyPath, passphraseFile, Terminal.Error);
        if (folder.Length > 0)
        {
            PrivateFile.CreateFolder(folder);
        }

        Write(owner, threshold, paths);

        Array.ForEach(paths, Terminal.Out.WriteLine);
        Terminal.Error.WriteLine(threshold == 1
            ? $"With --threshold 1 each of these files is the key {KeySchedule.KeyId(owner)} itself, without a passphrase: keep it as such."
            : $"Any {threshold} of these {count} files give back the key {KeySchedule.KeyId(owner)}, without a passphrase; fewer tell nothing. Keep each at another place, and none beside the key.");
        return ExitCode.Success;
    }

    /// <summary>The secret of a set of shares.</summary>
    internal static Secret Recover(string[] paths)
    {
        List<KeyShare> shares = [];
        try
        {
            foreach (string path in paths)
            {
                using Secret text = PrivateFile.Read(path, KeyShare.BytesMax);
                shares.Add(OwnerKeys.ValueOf(KeyShare.Read(text.Bytes), path));
            }

            Outcome<Secret> owner = KeyShares.Recover(shares);
            return owner.Succeeded ? owner.Value : throw new CommandFailedException(ExitCode.Failed, owner.Failure.Message);
        }
        finally
        {
            shares.ForEach(share => share.Dispose());
        }
    }

    private static void Write(Secret owner, int threshold, string[] paths)
    {
        KeyShare[] shares = KeyShares.Split(owner, threshold, paths.Length, MachineEntropy.Instance);
        int written = 0;
        try
        {
            for (; written < paths.Length; written++)
            {
                using Secret text = shares[written].Write();
                PrivateFile.Create(paths[written], text);
            }

            // A backup that nobody has read is none.
            using Secret recovered = Recover(paths);
            Invariant.Holds(CryptographicOperations.FixedTimeEquals(recovered.Bytes, owner.Bytes), "shares give back the key that was split");
        }
        catch
        {
            foreach (string path in paths[..written])
            {
                File.Delete(path);
            }

            throw;
        }
        finally
        {
            Array.ForEach(shares, share => share.Dispose());
        }
    }
}
