using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Output;
using Culvert.Cli.Sealed;
using Culvert.Sealing;

namespace Culvert.Cli.Commands;

/// <summary><c>culvert verify</c>: reads and authenticates all of sealed files.</summary>
internal static class VerifyCommand
{
    internal static Command Make()
    {
        Argument<string[]> files = new("FILE") { Description = "Sealed files", Arity = ArgumentArity.OneOrMore };
        Option<string?> key = SealedSymbols.Key();
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        Option<bool> quiet = SealedSymbols.Quiet();
        Command command = new("verify", "Read and authenticate all of a sealed file") { files, key, passphrase, quiet };
        command.SetAction(parsed =>
        {
            using Interruption interruption = new();
            using Secret owner = OwnerKeyChoice.Of(parsed, key, passphrase)!.Open();
            bool all = true;
            foreach (string file in parsed.GetValue(files)!)
            {
                all &= Verify(file, owner, parsed.GetValue(quiet));
            }

            return all ? ExitCode.Success : ExitCode.Failed;
        });
        return command;
    }

    private static bool Verify(string path, Secret owner, bool quiet)
    {
        try
        {
            using SealedFileReader reader = SealedFiles.Open(path, owner);
            (long rows, long groups, long bytes) = (0, 0, 0);
            Failure? failure;
            using (StepProgress progress = new($"verifying {path}", reader.Index.Length, quiet))
            {
                failure = reader.Verify(group =>
                {
                    (rows, groups, bytes) = (rows + group.Rows, groups + 1, bytes + reader.Index.Groups(group.Strand)[group.Group].Length);
                    progress.At(bytes);
                });
            }

            if (failure is null)
            {
                Terminal.Out.WriteLine($"{path}: whole and unaltered: {Count(rows)} rows, {Count(groups)} row groups, {Count(reader.Contents.ColumnNames.Length)} columns; {SealedFiles.Identity(reader)}");
                Terminal.Flush();
                return true;
            }

            Terminal.Error.WriteLine($"culvert: {failure.Message} (what was authentic: {Count(rows)} rows in {Count(groups)} row groups)");
            return false;
        }
        catch (CommandFailedException failed)
        {
            // The next file may be well.
            Terminal.Error.WriteLine($"culvert: {failed.Message}");
            return false;
        }
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
