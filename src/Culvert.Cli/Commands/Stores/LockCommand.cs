using System.CommandLine;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.JobFiles.Keys;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store lock</c>: runs a command as a unit's only writer, and ends it when the lease is lost.</summary>
internal static class LockCommand
{
    /// <summary>In the command's environment: the unit that is locked.</summary>
    internal const string Variable = "CULVERT_STORE_LOCK";

    internal static Command Make()
    {
        Argument<string> unit = StoreSymbols.Unit();
        Argument<string[]> line = new("COMMAND") { Description = "The command and its arguments, behind --", Arity = ArgumentArity.OneOrMore };
        Option<TimeSpan> wait = new("--wait")
        {
            Description = "How long to wait for another writer: 30s, 5m, 1h; default: not at all",
            HelpName = "TIME",
            CustomParser = result =>
            {
                if (Duration.TryParse(result.Tokens[0].Value, out TimeSpan span))
                {
                    return span;
                }

                result.AddError($"--wait is a number and ms, s, m or h, such as 5m, and not '{result.Tokens[0].Value}'");
                return default;
            },
        };
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command(
            "lock", "Run a command as a unit's only writer, by a lease that is renewed until the command ends");
        command.Add(unit);
        command.Add(line);
        command.Add(wait);
        command.SetAction(parsed => StoreSession.Run(
            choice(parsed), session => RunAsync(session, parsed.GetValue(unit)!, parsed.GetValue(line)!, parsed.GetValue(wait))));
        return command;
    }

    private static async Task<int> RunAsync(StoreSession session, string unit, string[] line, TimeSpan patience)
    {
        UnitLease lease = StoreSession.ValueOf(await session.Store.LockAsync(unit, patience, session.Stop).ConfigureAwait(false));
        await using (lease.ConfigureAwait(false))
        {
            using LeasedCommand command = LeasedCommand.Start(line, unit);
            session.StopBy(command.Ask);
            Failure? lost = await command.WatchAsync(lease).ConfigureAwait(false);
            if (lost is not null)
            {
                throw new CommandFailedException(ExitCode.Failed, $"{lost.Message}; {line[0]} was ended, and what it wrote last may not count");
            }

            return session.Signal != 0 ? session.Signal : command.ExitCode;
        }
    }
}
