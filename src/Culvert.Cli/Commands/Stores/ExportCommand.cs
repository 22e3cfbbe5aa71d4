using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store export</c>: every unit becomes a file.</summary>
internal static class ExportCommand
{
    internal static Command Make()
    {
        Argument<string> folder = new("DIR") { Description = "The folder, made when it is not there; files in it of the units' names are replaced" };
        Option<string> prefix = new("--prefix") { Description = "Only units whose names begin so; their files' names do without it", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        Option<bool> quiet = StoreSymbols.Quiet();
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command("export", "Write the newest version of every unit to a file of its name");
        command.Add(folder);
        command.Add(prefix);
        command.Add(quiet);
        command.SetAction(parsed => StoreSession.Run(
            choice(parsed), session => ExportAsync(session, parsed.GetValue(folder)!, parsed.GetValue(prefix)!, parsed.GetValue(quiet))));
        return command;
    }

    private static async Task<int> ExportAsync(StoreSession session, string folder, string prefix, bool isQuiet)
    {
        IReadOnlyList<string> units = StoreSession.ValueOf(await session.Store.ListAsync(prefix, session.Stop).ConfigureAwait(false));
        int failures = 0;
        foreach (string unit in units)
        {
            try
            {
                string path = PathOf(folder, unit, prefix);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await GetUnitCommand.GetAsync(session, unit, path, null, null, isQuiet).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is CommandFailedException or IOException or UnauthorizedAccessException)
            {
                // The others are worth having all the same.
                failures++;
                Terminal.Error.WriteLine($"culvert: {unit}: {failure.Message}");
            }
        }

        Terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"culvert: {units.Count - failures} of {units.Count} units written to {folder}"));
        return failures == 0 ? ExitCode.Success : ExitCode.Failed;
    }

    /// <summary>A unit's file. Names are the writers' to choose, and none may lead out of the folder.</summary>
    private static string PathOf(string folder, string unit, string prefix)
    {
        string name = unit[prefix.Length..];
        return name.Split('/').All(part => part is not ("" or "." or ".."))
            ? Path.Combine(Path.GetFullPath(folder), name)
            : throw new CommandFailedException(ExitCode.Failed, $"'{name}' is no name of a file; 'store get' writes it to a file that you name");
    }
}
