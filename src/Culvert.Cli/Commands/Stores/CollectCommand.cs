using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store gc</c>: keeps the newest versions and removes the others, each unit under its lease.</summary>
internal static class CollectCommand
{
    internal static Command Make()
    {
        Argument<string[]> units = new("NAME") { Description = "The units; default: all", Arity = ArgumentArity.ZeroOrMore };
        Option<int?> keep = StoreSymbols.Count("--keep", "How many versions of each unit are kept", UnitLimits.VersionsMax);
        keep.Required = true;
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command("gc", "Remove all but the newest versions, and what uploads left that were given up");
        command.Add(units);
        command.Add(keep);
        command.SetAction(parsed => StoreSession.Run(
            choice(parsed), session => CollectAsync(session, parsed.GetValue(units) ?? [], parsed.GetValue(keep)!.Value)));
        return command;
    }

    private static async Task<int> CollectAsync(StoreSession session, string[] named, int keep)
    {
        IReadOnlyList<string> units = named.Length > 0 ? named : StoreSession.ValueOf(await session.Store.ListAsync("", session.Stop).ConfigureAwait(false));
        IReadOnlyList<InheritedLease> inherited = session.Leases;
        int versions = 0;
        int locked = 0;
        foreach (string unit in units)
        {
            // Under 'store lock' of the same unit that lease is what is needed, and another would wait for it.
            InheritedLease? outer = inherited.FirstOrDefault(lease => lease.Unit == unit);
            UnitLease? held = null;
            if (outer is null)
            {
                Outcome<UnitLease> lease = await session.Store.LockAsync(unit, TimeSpan.Zero, session.Stop).ConfigureAwait(false);
                if (lease.Failure is { Kind: FailureKind.Mismatch } other)
                {
                    locked++;
                    Terminal.Error.WriteLine($"culvert: {other.Message}; it is left as it is");
                    continue;
                }

                held = StoreSession.ValueOf(lease);
            }

            try
            {
                versions += StoreSession.ValueOf(await session.Store.CollectAsync(unit, keep, (IUnitLease?)outer ?? held, session.Stop).ConfigureAwait(false));
            }
            finally
            {
                if (held is not null)
                {
                    await held.DisposeAsync().ConfigureAwait(false);
                }
            }
        }

        Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{units.Count - locked} units: {versions} versions removed"));
        return locked == 0 ? ExitCode.Success : ExitCode.Failed;
    }
}
