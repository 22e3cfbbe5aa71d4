using System.CommandLine;
using Culvert.Cli.Stores;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store rm</c>: removes a unit, and leaves a tombstone.</summary>
internal static class RemoveUnitCommand
{
    internal static Command Make()
    {
        Argument<string> unit = StoreSymbols.Unit();
        Option<bool> purge = new("--purge") { Description = "Leave no tombstone: for names that never come again, since a cloud could bring the old unit back" };
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command("rm", "Remove a unit with all its versions");
        command.Add(unit);
        command.Add(purge);
        command.SetAction(parsed => StoreSession.Run(choice(parsed), async session =>
        {
            string name = parsed.GetValue(unit)!;
            bool wasThere = StoreSession.ValueOf(await session.Store.RemoveAsync(name, parsed.GetValue(purge), session.LeaseFor(name), session.Stop).ConfigureAwait(false));
            return wasThere ? ExitCode.Success : throw new CommandFailedException(ExitCode.Failed, $"there is no unit {name}");
        }));
        return command;
    }
}
