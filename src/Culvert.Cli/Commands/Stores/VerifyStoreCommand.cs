using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store verify</c>: reads everything at every cloud, names who has something wrong, and mends it.</summary>
internal static class VerifyStoreCommand
{
    internal static Command Make()
    {
        Argument<string[]> units = new("NAME") { Description = "The units; default: all, and the store's configuration", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> repair = new("--repair") { Description = "Mend what is wrong or missing from what the other clouds have, and remove what no version needs where that is safe" };
        Option<bool> quiet = StoreSymbols.Quiet();
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command(
            "verify", "Read everything that every cloud has, and name each cloud that holds something wrong");
        command.Add(units);
        command.Add(repair);
        command.Add(quiet);
        command.SetAction(parsed => StoreSession.Run(
            choice(parsed), session => VerifyAsync(session, parsed.GetValue(units) ?? [], parsed.GetValue(repair), parsed.GetValue(quiet))));
        return command;
    }

    private static async Task<int> VerifyAsync(StoreSession session, string[] named, bool repair, bool isQuiet)
    {
        await session.Store.RefreshAsync(session.Stop).ConfigureAwait(false);
        List<UnitReport> reports = [];
        if (named.Length == 0)
        {
            reports.Add(await session.Store.VerifyConfigurationAsync(repair, session.Stop).ConfigureAwait(false));
            Tell(reports[^1]);
        }

        IReadOnlyList<string> units = named.Length > 0 ? named : StoreSession.ValueOf(await session.Store.ListAsync("", session.Stop).ConfigureAwait(false));
        for (int i = 0; i < units.Count; i++)
        {
            if (Terminal.ErrorIsTerminal && !isQuiet)
            {
                Terminal.Error.Write($"\rverify {i + 1} of {units.Count}\u001b[K");
            }

            reports.Add(StoreSession.ValueOf(await session.Store.VerifyAsync(units[i], repair, session.Stop).ConfigureAwait(false)));
            Tell(reports[^1]);
        }

        if (Terminal.ErrorIsTerminal && !isQuiet && units.Count > 0)
        {
            Terminal.Error.Write("\r\u001b[K");
        }

        List<Orphan> others = [];
        if (named.Length == 0)
        {
            others.AddRange(StoreSession.ValueOf(await session.Store.SweepAsync(units, repair, session.Stop).ConfigureAwait(false)));
            Tell("store", others);
        }

        return Sum(reports, others, units.Count);
    }

    /// <summary>One report; what merely could not be asked is counted for each cloud, and not told object by object.</summary>
    private static void Tell(UnitReport report)
    {
        foreach (string lost in report.Lost)
        {
            Terminal.Out.WriteLine($"{report.Unit}: LOST: {lost}");
        }

        if (report.Gap is not null)
        {
            Terminal.Out.WriteLine($"{report.Unit}: history is broken off: {report.Gap}; every version can be read all the same");
        }

        foreach (UnitFinding finding in report.Findings.Where(finding => !finding.IsSilent))
        {
            string kind = finding.Kind is { } charge ? StoreStatusJson.NameOf(charge) : "another's";
            Terminal.Out.WriteLine($"{report.Unit}: {finding.Cloud}: {kind}: {finding.ObjectName}: {finding.Message}{(finding.IsMended ? " (mended)" : "")}");
        }

        foreach (IGrouping<string, UnitFinding> silent in report.Findings.Where(finding => finding.IsSilent).GroupBy(finding => finding.Cloud))
        {
            Terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{report.Unit}: {silent.Key}: {silent.Count()} objects could not be asked for: {silent.First().Message}"));
        }

        Tell(report.Unit, report.Orphans);
    }

    private static void Tell(string of, IEnumerable<Orphan> orphans)
    {
        foreach (Orphan orphan in orphans)
        {
            string objects = orphan.Objects > 1 ? string.Create(CultureInfo.InvariantCulture, $" ({orphan.Objects} objects)") : "";
            Terminal.Out.WriteLine($"{of}: {string.Join(", ", orphan.Clouds)}: left over: {orphan.Name}{objects}: {orphan.Message}{(orphan.IsRemoved ? " (removed)" : "")}");
        }
    }

    private static int Sum(List<UnitReport> reports, List<Orphan> others, int units)
    {
        List<Orphan> orphans = [.. reports.SelectMany(report => report.Orphans), .. others];
        int lost = reports.Sum(report => report.Lost.Count);
        int findings = reports.Sum(report => report.Findings.Count);
        int mended = reports.Sum(report => report.Findings.Count(finding => finding.IsMended));
        Terminal.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{units} units, {reports.Sum(report => report.Versions)} versions: {findings} objects wrong or missing, {mended} mended, {lost} losses"));
        if (orphans.Count > 0)
        {
            Terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{orphans.Count} things lie about that no version needs, {orphans.Count(orphan => orphan.IsRemoved)} removed; they are nobody's fault"));
        }

        return reports.TrueForAll(report => report.IsWhole) ? ExitCode.Success : ExitCode.Failed;
    }
}
