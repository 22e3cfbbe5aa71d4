using System.CommandLine;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store replace</c>: moves off one cloud onto another.</summary>
internal static class ReplaceCloudCommand
{
    internal static Command Make()
    {
        Argument<string> from = new("OLD") { Description = "The cloud to leave, by its name" };
        Argument<string> to = new("NEW") { Description = "The cloud to use instead, by its name; it stands under 'spares' in the file of clouds" };
        Option<bool> quiet = StoreSymbols.Quiet();
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command(
            "replace", "Move off one cloud onto another, with new keys for every version that is kept; readers follow");
        command.Add(from);
        command.Add(to);
        command.Add(quiet);
        command.SetAction(parsed => StoreSession.Run(
            choice(parsed), session => ReplaceAsync(session, parsed.GetValue(from)!, parsed.GetValue(to)!, choice(parsed).Path, parsed.GetValue(quiet))));
        return command;
    }

    private static async Task<int> ReplaceAsync(StoreSession session, string from, string to, string file, bool isQuiet)
    {
        if (session.Client.Find(to) is not { } settings)
        {
            throw CommandFailedException.Usage($"{file} has no cloud '{to}': add it under 'spares'");
        }

        int moved = 0;
        bool talks = Terminal.ErrorIsTerminal && !isQuiet;
        int units = StoreSession.ValueOf(await session.Store.ReplaceAsync(from, CloudLocation.PlaceOf(settings), Tell, session.Stop).ConfigureAwait(false));
        if (talks && moved > 0)
        {
            Terminal.Error.Write("\r\u001b[K");
        }

        Terminal.Out.WriteLine($"{from} is replaced by {to}: {units} units have new keys and lie on the new clouds");
        Terminal.Error.WriteLine($"culvert: in {file}, put {to} in the place of {from}; clients that still name {from} there follow as soon as their files name {to} too. What {from} holds can be removed");
        return ExitCode.Success;

        void Tell(string unit)
        {
            moved++;
            if (talks)
            {
                Terminal.Error.Write($"\rmoved {moved} units, {unit[..Math.Min(unit.Length, 40)]}\u001b[K");
            }
        }
    }
}
