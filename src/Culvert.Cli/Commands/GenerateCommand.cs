using System.CommandLine;
using Culvert.Engine;

namespace Culvert.Cli;

/// <summary><c>culvert generate</c>.</summary>
internal static class GenerateCommand
{
    internal static Command Create() => new("generate", "Makes realistic data, the same for the same seed.") { Flights() };

    private static Command Flights()
    {
        Option<long> rows = new("--rows", "-n") { Description = "Data rows.", Required = true };
        Option<string> output = new("--output", "-o") { Description = "The file; '-' is standard output.", Required = true };
        Option<ulong> seed = new("--seed") { Description = "Default 1.", DefaultValueFactory = _ => 1 };
        Option<bool> noHeader = new("--no-header") { Description = "Leaves the header line out." };
        Command command = new("flights", "Flights as CSV with the 29 columns of the public on-time data.") { rows, output, seed, noHeader };
        command.SetAction((parsed, cancel) =>
        {
            if (parsed.GetValue(rows) < 0)
            {
                throw new UsageException("--rows must be 0 or more");
            }

            FlightsOptions options = new() { Rows = parsed.GetValue(rows), Seed = parsed.GetValue(seed), Header = !parsed.GetValue(noHeader) };
            WriteFile(parsed.GetValue(output)!, stream => FlightsGenerator.Write(stream, options, cancel));
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    /// <summary>The file has its name only when all of it is written.</summary>
    private static void WriteFile(string path, Action<Stream> write)
    {
        if (path == "-")
        {
            using Stream output = Console.OpenStandardOutput();
            write(output);
            return;
        }

        string partial = path + FileSinkSpec.PartialSuffix;
        try
        {
            using (FileStream file = new(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(file);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }
}
