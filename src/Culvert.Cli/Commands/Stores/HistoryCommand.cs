using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store history</c>: the versions of a unit that are kept.</summary>
internal static class HistoryCommand
{
    internal static Command Make()
    {
        Argument<string> unit = StoreSymbols.Unit();
        Option<bool> json = StoreSymbols.Json();
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command("history", "Show a unit's versions that are kept, oldest first");
        command.Add(unit);
        command.Add(json);
        command.SetAction(parsed => StoreSession.Run(choice(parsed), async session =>
        {
            IReadOnlyList<UnitVersion> versions = StoreSession.ValueOf(await session.Store.HistoryAsync(parsed.GetValue(unit)!, session.Stop).ConfigureAwait(false));
            if (parsed.GetValue(json))
            {
                StoreJson.Write(writer =>
                {
                    writer.WriteStartArray();
                    foreach (UnitVersion version in versions)
                    {
                        writer.WriteStartObject();
                        StoreJson.WriteVersion(writer, version);
                        writer.WriteEndObject();
                    }

                    writer.WriteEndArray();
                });
                return ExitCode.Success;
            }

            foreach (UnitVersion version in versions)
            {
                Terminal.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"version {version.Number,-5}  {version.TimeUtc:u}  {version.Bytes,15} bytes  by writer {version.Writer}"));
            }

            return ExitCode.Success;
        }));
        return command;
    }
}
