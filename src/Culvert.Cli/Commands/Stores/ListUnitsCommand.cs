using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store ls</c>: the units' names.</summary>
internal static class ListUnitsCommand
{
    internal static Command Make()
    {
        Argument<string> prefix = new("PREFIX") { Description = "Only names that begin so", DefaultValueFactory = _ => "" };
        Option<bool> details = new("--long", "-l") { Description = "With the newest version, its length and time; asks the clouds for each unit" };
        Option<bool> json = StoreSymbols.Json();
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command("ls", "List units");
        command.Add(prefix);
        command.Add(details);
        command.Add(json);
        command.SetAction(parsed => StoreSession.Run(
            choice(parsed), session => ListAsync(session, parsed.GetValue(prefix)!, parsed.GetValue(details), parsed.GetValue(json))));
        return command;
    }

    private static async Task<int> ListAsync(StoreSession session, string prefix, bool hasDetails, bool isJson)
    {
        IReadOnlyList<string> names = StoreSession.ValueOf(await session.Store.ListAsync(prefix, session.Stop).ConfigureAwait(false));
        List<(string Name, UnitVersion? Newest)> units = [];
        foreach (string name in names)
        {
            UnitVersion? newest = hasDetails
                ? StoreSession.ValueOf(await session.Store.HistoryAsync(name, session.Stop).ConfigureAwait(false))[^1]
                : null;
            units.Add((name, newest));
        }

        if (isJson)
        {
            StoreJson.Write(json => WriteJson(json, units));
            return ExitCode.Success;
        }

        foreach ((string name, UnitVersion? newest) in units)
        {
            Terminal.Out.WriteLine(newest is null
                ? name
                : string.Create(CultureInfo.InvariantCulture, $"{newest.TimeUtc:u}  {newest.Bytes,15}  version {newest.Number,-5}  {name}"));
        }

        return ExitCode.Success;
    }

    private static void WriteJson(Utf8JsonWriter json, List<(string Name, UnitVersion? Newest)> units)
    {
        json.WriteStartArray();
        foreach ((string name, UnitVersion? newest) in units)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            if (newest is not null)
            {
                StoreJson.WriteVersion(json, newest);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
