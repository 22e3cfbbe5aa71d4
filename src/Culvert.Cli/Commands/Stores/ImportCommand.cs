using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store import</c>: every file of a folder becomes a unit.</summary>
internal static class ImportCommand
{
    private static readonly EnumerationOptions s_all = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    internal static Command Make()
    {
        Argument<string> folder = new("DIR") { Description = "The folder; symbolic links in it are left out" };
        Option<string> prefix = new("--prefix") { Description = "What the units' names begin with, such as photos/", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        Option<int?> keep = StoreSymbols.Count("--keep", "Keep so many versions of each unit, with this one; default: all", UnitLimits.VersionsMax);
        Option<string?> keys = StoreSymbols.Keys();
        Option<bool> replicated = StoreSymbols.Replicated();
        Option<bool> quiet = StoreSymbols.Quiet();
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command("import", "Put every file of a folder, each as a unit of its name");
        command.Add(folder);
        command.Add(prefix);
        command.Add(keep);
        command.Add(keys);
        command.Add(replicated);
        command.Add(quiet);
        command.SetAction(parsed =>
        {
            PutOptions options = new() { Keep = parsed.GetValue(keep) ?? UnitLimits.VersionsMax };
            (string Name, string Path)[] files = Files(parsed.GetValue(folder)!, parsed.GetValue(prefix)!);
            return StoreSession.Run(
                choice(parsed) with { Options = StoreSymbols.PutsAs(parsed.GetValue(keys), parsed.GetValue(replicated)) },
                session => ImportAsync(session, files, options, parsed.GetValue(quiet)));
        });
        return command;
    }

    private static async Task<int> ImportAsync(StoreSession session, (string Name, string Path)[] files, PutOptions options, bool isQuiet)
    {
        long bytes = 0;
        foreach ((string name, string path) in files)
        {
            using FileStream content = PutUnitCommand.OpenFile(path);
            await PutUnitCommand.PutAsync(session, name, content, options, isQuiet).ConfigureAwait(false);
            bytes += content.Length;
        }

        Terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"culvert: {files.Length} units, {bytes} bytes"));
        return ExitCode.Success;
    }

    /// <summary>The files with their units' names, all of which are right before the first is put.</summary>
    private static (string Name, string Path)[] Files(string folder, string prefix)
    {
        if (!Directory.Exists(folder))
        {
            throw CommandFailedException.Usage($"{folder}: there is no such folder");
        }

        (string Name, string Path)[] files = [.. Directory.EnumerateFiles(folder, "*", s_all)
            .Select(path => (prefix + Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'), path))
            .OrderBy(file => file.Item1, StringComparer.Ordinal)];
        foreach ((string name, string path) in files)
        {
            if (UnitName.TryParse(name) is { Succeeded: false } wrong)
            {
                throw CommandFailedException.Usage($"{path} cannot be a unit: {wrong.Failure.Message}; nothing was put");
            }
        }

        return files;
    }
}
