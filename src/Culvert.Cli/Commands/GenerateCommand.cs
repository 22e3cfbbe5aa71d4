using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Engine;

namespace Culvert.Cli.Commands;

/// <summary><c>culvert generate</c>: made-up data of any size, the same for the same seed.</summary>
internal static class GenerateCommand
{
    internal static Command Make()
    {
        Command generate = new("generate", "Make data: the same for the same seed");
        generate.Add(Flights());
        generate.Add(Sensors());
        return generate;
    }

    private static Command Flights()
    {
        Option<long> rows = Rows();
        Option<string> output = Output();
        Option<ulong> seed = Seed();
        Option<bool> noHeader = NoHeader();
        Option<int> year = new("--year")
        {
            Description = "The year of the flights; default: 2008",
            HelpName = "YEAR",
            DefaultValueFactory = _ => 2008,
        };
        year.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 9999)
            {
                result.AddError("--year is a number from 1 to 9999");
            }
        });
        Command flights = new("flights", "Flights as the US Bureau of Transportation Statistics publishes them (29 columns, about 98 bytes a row)")
        {
            rows, output, seed, year, noHeader,
        };
        flights.SetAction(parsed => Write(parsed.GetValue(output)!, (stream, cancellation) => FlightsGenerator.Write(stream, new FlightsOptions
        {
            Rows = parsed.GetValue(rows),
            Seed = parsed.GetValue(seed),
            Year = parsed.GetValue(year),
            Header = !parsed.GetValue(noHeader),
        }, cancellation)));
        return flights;
    }

    private static Command Sensors()
    {
        Option<long> rows = Rows();
        Option<string> output = Output();
        Option<ulong> seed = Seed();
        Option<bool> noHeader = NoHeader();
        Option<int> sensors = new("--sensors")
        {
            Description = "Sensors, 1 to 1,000,000; default: 10",
            HelpName = "N",
            DefaultValueFactory = _ => 10,
        };
        sensors.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1_000_000)
            {
                result.AddError("--sensors is a number from 1 to 1000000");
            }
        });
        Command command = new("sensors", "Readings of sensors: sensor, time, value; 100 a second of event time, up to 1.5 s out of order")
        {
            rows, output, seed, sensors, noHeader,
        };
        command.SetAction(parsed => Write(parsed.GetValue(output)!, (stream, cancellation) => SensorsGenerator.Write(
            stream,
            new SensorOptions { Rows = parsed.GetValue(rows), Seed = parsed.GetValue(seed), Sensors = parsed.GetValue(sensors) },
            !parsed.GetValue(noHeader),
            cancellation)));
        return command;
    }

    private static int Write(string path, Action<Stream, CancellationToken> write)
    {
        using Interruption interruption = new();
        using CancellationTokenSource cancellation = new();
        interruption.StopBy(cancellation.Cancel);
        try
        {
            if (path == "-")
            {
                write(DescriptorStream.StandardOutput, cancellation.Token);
                return ExitCode.Success;
            }

            using OutputFile file = new(path);
            file.Write(stream => write(stream, cancellation.Token));
            file.Complete();
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            return interruption.Code;
        }
    }

    private static Option<long> Rows() => new("--rows", "-n")
    {
        Description = "Rows",
        HelpName = "N",
        Required = true,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (long.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out long count))
            {
                return count;
            }

            result.AddError($"--rows is a number from 0, and not '{text}'");
            return 0;
        },
    };

    private static Option<string> Output() => new("--output", "-o") { Description = "The file; '-' for standard output", HelpName = "FILE", Required = true };

    private static Option<ulong> Seed() => new("--seed") { Description = "Same seed, same data; default: 1", HelpName = "N", DefaultValueFactory = _ => 1 };

    private static Option<bool> NoHeader() => new("--no-header") { Description = "Leave the line of column names out" };
}
