using System.CommandLine;
using System.Globalization;
using Culvert.Attestation;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Commands.Proofs;
using Culvert.Cli.Output;
using Culvert.Cli.Sealed;
using Culvert.Sealing;

namespace Culvert.Cli.Commands;

/// <summary><c>culvert verify</c>: of sealed files, reads and authenticates everything; of a result's proof, checks it. Which it is, the bytes tell.</summary>
internal static class VerifyCommand
{
    internal static Command Make()
    {
        Argument<string[]> files = new("FILE") { Description = "A result's proof, or sealed files", Arity = ArgumentArity.OneOrMore };
        Option<string?> key = OwnerKeyOptions.Key();
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        Option<bool> quiet = SealedSymbols.Quiet();
        ProofOptions proofs = new();
        Command command = new("verify", "Check a result's proof offline, or read and authenticate all of sealed files") { files, key, passphrase, quiet };
        proofs.AddTo(command);
        command.SetAction(parsed =>
        {
            using Interruption interruption = new();
            string[] paths = parsed.GetValue(files)!;
            OwnerKeyChoice? owner = OwnerKeyChoice.Of(parsed, key, passphrase);
            if (IsProof(paths))
            {
                return new ProofChecking(proofs.Read(parsed, paths[0]) with { Key = owner, Quiet = parsed.GetValue(quiet) }).Run();
            }

            if (proofs.FirstGiven(parsed) is { } given)
            {
                throw CommandFailedException.Usage(File.Exists(paths[0]) ? $"{given} is for proofs, and {paths[0]} is none" : $"{paths[0]}: there is no such file");
            }

            if (owner is null)
            {
                throw CommandFailedException.Usage($"--key FILE is needed to verify a sealed file: only who has the owner's key can tell what is authentic");
            }

            return VerifySealed(paths, owner, parsed.GetValue(quiet));
        });
        return command;
    }

    private static int VerifySealed(string[] paths, OwnerKeyChoice key, bool quiet)
    {
        using Secret owner = key.Open();
        bool all = true;
        foreach (string path in paths)
        {
            all &= Verify(path, owner, quiet);
        }

        return all ? ExitCode.Success : ExitCode.Failed;
    }

    /// <summary>Whether it is a proof that is asked about. What cannot be read is not; whoever opens it says why.</summary>
    private static bool IsProof(string[] paths)
    {
        bool[] are = [.. paths.Select(BeginsAsProof)];
        return are is [true] || (are.Any(a => a)
            ? throw CommandFailedException.Usage($"{paths[Array.IndexOf(are, true)]} is a proof: one is verified at a time, and no sealed files with it")
            : false);
    }

    private static bool BeginsAsProof(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> beginning = stackalloc byte[64];
            return ProofDocument.Begins(beginning[..file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false)]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
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
