using System.CommandLine;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.JobFiles.Keys;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store lock</c>: runs a command as a unit's only writer, and ends it when the lease is lost.</summary>
internal static class LockCommand
{
    /// <summary>In the command's environment: the unit that is locked, for scripts; what Culvert goes by is <see cref="LeaseFile.Variable"/>.</summary>
    internal const string Variable = "CULVERT_STORE_LOCK";

    /// <summary>More than twice the margin between clocks, or nothing of a lease could be used.</summary>
    private static readonly TimeSpan LeaseMin = (2 * new StoreOptions().ClockMargin) + TimeSpan.FromSeconds(1);

    internal static Command Make()
    {
        Argument<string> unit = StoreSymbols.Unit();
        Argument<string[]> line = new("COMMAND") { Description = "The command and its arguments, behind --", Arity = ArgumentArity.OneOrMore };
        Option<TimeSpan?> wait = Time("--wait", "How long to wait for another writer: 30s, 5m, 1h; default: not at all", TimeSpan.Zero);
        Option<TimeSpan?> length = Time(
            "--lease", "How long the lease lasts unless it is renewed: longer bears clouds that are away for longer, and keeps others out for longer when this machine dies; default: 2m", LeaseMin);
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command(
            "lock", "Run a command as a unit's only writer, by a lease that is renewed until the command ends");
        command.Add(unit);
        command.Add(line);
        command.Add(wait);
        command.Add(length);
        command.SetAction(parsed => StoreSession.Run(
            choice(parsed) with { Options = parsed.GetValue(length) is { } time ? new StoreOptions { LeaseTime = time } : new StoreOptions() },
            session => RunAsync(session, parsed.GetValue(unit)!, parsed.GetValue(line)!, parsed.GetValue(wait) ?? TimeSpan.Zero)));
        return command;
    }

    private static Option<TimeSpan?> Time(string name, string description, TimeSpan min) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (Duration.TryParse(text, out TimeSpan span) && span >= min && span <= UnitLimits.LeaseMax)
            {
                return span;
            }

            result.AddError($"{name} is a number and ms, s, m or h, from {min.TotalSeconds:0}s to {UnitLimits.LeaseMax.TotalHours:0}h, such as 5m, and not '{text}'");
            return null;
        },
    };

    private static async Task<int> RunAsync(StoreSession session, string unit, string[] line, TimeSpan patience)
    {
        if (session.Leases.Any(held => held.Unit == unit))
        {
            throw new CommandFailedException(ExitCode.Failed, $"{unit} is locked by the 'store lock' that this runs under, whose commands may write it as they are");
        }

        UnitLease lease = StoreSession.ValueOf(await session.Store.LockAsync(unit, patience, session.Stop).ConfigureAwait(false));
        await using (lease.ConfigureAwait(false))
        {
            using LeaseFile file = LeaseFile.Create(lease, session.Store.Configuration.Store, session.Client.StatePath);
            using LeasedCommand command = LeasedCommand.Start(line, unit, file);
            session.StopBy(() => command.Stop(session.Signal));
            Failure? lost = await command.WatchAsync(lease).ConfigureAwait(false);
            if (lost is not null)
            {
                throw new CommandFailedException(ExitCode.LeaseLost, $"{lost.Message}; {line[0]} was ended, and what it wrote last may not count");
            }

            return session.Signal != 0 ? session.Signal : command.ExitCode;
        }
    }
}
