using System.CommandLine;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Jobs;
using Culvert.Cli.Sealed;

namespace Culvert.Cli.Commands;

/// <summary><c>culvert seal</c>: options to a <see cref="FileSealing"/>.</summary>
internal static class SealCommand
{
    internal static Command Make()
    {
        Argument<string[]> files = new("FILE") { Description = "Files of CSV, patterns, or '-' for standard input", Arity = ArgumentArity.OneOrMore };
        Option<string?> key = SealedSymbols.Key();
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        Option<string> output = new("--output", "-o") { Description = "The sealed file; '-' for standard output", HelpName = "FILE", Required = true };
        Option<string[]> columns = SealedSymbols.Names("--columns", "Seal only these columns", "A,B");
        Option<string[]> types = SealedSymbols.Names("--types", "Types in place of those that the first rows tell", "COLUMN:TYPE,…");
        Option<string[]> missing = SealedSymbols.Names("--missing", "Fields that mean that there is no value, besides the empty one", "NA,…");
        Option<string?> job = new("--job") { Description = "A job file: its source says how the files are read (columns, types, separator, missing values)", HelpName = "JOB" };
        Option<string?> malformed = JobSymbols.Malformed();
        Option<bool> force = new("--force", "-f") { Description = "Replace the output if it is there" };
        Option<bool> quiet = SealedSymbols.Quiet();
        Command command = new("seal", "Seal data, so that it can leave") { files, key, passphrase, output, columns, types, missing, job, malformed, force, quiet };
        command.SetAction(parsed =>
        {
            JobRequest rows = JobSymbols.Request(parsed.GetValue(job) ?? "", null, parsed.GetValue(malformed));
            string[] absent = SealedSymbols.Parts(parsed.GetValue(missing));
            return new FileSealing(new SealRequest([.. parsed.GetValue(files)!], OwnerKeyChoice.Of(parsed, key, passphrase)!, parsed.GetValue(output)!)
            {
                Columns = SealedSymbols.Parts(parsed.GetValue(columns)),
                Types = SealRequest.ParseTypes(SealedSymbols.Parts(parsed.GetValue(types))),
                Missing = absent.Length > 0 ? ["", .. absent] : null,
                Job = parsed.GetValue(job),
                Malformed = rows.Malformed,
                SetAside = rows.SetAside,
                Force = parsed.GetValue(force),
                Quiet = parsed.GetValue(quiet),
            }).Run();
        });
        return command;
    }
}
