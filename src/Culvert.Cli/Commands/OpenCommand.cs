using System.CommandLine;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Sealed;

namespace Culvert.Cli.Commands;

/// <summary><c>culvert open</c>: options to a <see cref="FileOpening"/>.</summary>
internal static class OpenCommand
{
    internal static Command Make()
    {
        Argument<string> file = SealedSymbols.File();
        Option<string?> key = SealedSymbols.Key();
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        Option<string?> format = JobSymbols.OneOf("--format", "How rows are shown: a table (default), one JSON document, JSON lines, CSV", RunRequest.Formats);
        Option<string?> output = new("--output", "-o") { Description = "Where rows go instead of standard output; the format follows from the name if --format does not say", HelpName = "FILE" };
        Option<string?> expect = new("--expect") { Description = "Refuse any file but the one with this stream id or end digest", HelpName = "ID" };
        Option<string[]> columns = SealedSymbols.Names("--columns", "Open only these columns", "A,B");
        Option<bool> incomplete = new("--incomplete") { Description = "Open a file that was cut before its end as far as it goes" };
        Option<bool> quiet = SealedSymbols.Quiet();
        Command command = new("open", "Open a sealed file: data or a result") { file, key, passphrase, format, output, expect, columns, incomplete, quiet };
        command.SetAction(parsed => new FileOpening(new OpenRequest(parsed.GetValue(file)!, OwnerKeyChoice.Of(parsed, key, passphrase)!)
        {
            Format = parsed.GetValue(format),
            Output = parsed.GetValue(output),
            Expect = parsed.GetValue(expect),
            Columns = SealedSymbols.Parts(parsed.GetValue(columns)),
            Incomplete = parsed.GetValue(incomplete),
            Quiet = parsed.GetValue(quiet),
        }).Run());
        return command;
    }
}
