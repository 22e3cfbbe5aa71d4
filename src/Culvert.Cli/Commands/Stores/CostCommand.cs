using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Storage;
using Culvert.Streams;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store cost</c>: what storing and reading would cost, by the prices in the file of clouds. Asks no cloud.</summary>
internal static class CostCommand
{
    private static readonly Field[] s_columns =
    [
        new("cloud", new ColumnType(ValueKind.Text)),
        new("put, once", new ColumnType(ValueKind.Int64)),
        new("stored, a month", new ColumnType(ValueKind.Int64)),
        new("get, once", new ColumnType(ValueKind.Int64)),
    ];

    internal static Command Make()
    {
        Option<string> config = StoreSymbols.Config();
        Option<decimal> put = Amount("--put-gb", "10^9 bytes that are put and kept");
        Option<decimal> get = Amount("--get-gb", "10^9 bytes that are read");
        Option<bool> json = StoreSymbols.Json();
        Command command = new("cost", "Estimate what storing and reading costs, by the prices in the file of clouds; asks no cloud") { config, put, get, json };
        command.SetAction(parsed =>
        {
            Outcome<CloudConfiguration> read = CloudConfiguration.Read(parsed.GetValue(config)!);
            CloudConfiguration configuration = read.Succeeded ? read.Value : throw CommandFailedException.Usage(read.Failure.Message);
            Tell(configuration, parsed.GetValue(put), parsed.GetValue(get), parsed.GetValue(json));
            return ExitCode.Success;
        });
        return command;
    }

    private static void Tell(CloudConfiguration configuration, decimal putGb, decimal getGb, bool isJson)
    {
        CostEstimate estimate = new(configuration.Clouds, configuration.Faults);
        IReadOnlyList<CloudCost?> costs = estimate.PerCloud(putGb, getGb);
        CloudSettings[] read = [.. estimate.CheapestToRead()];
        (CloudSettings Cloud, CloudCost? Cost)[] lines = [.. configuration.Clouds.Zip(costs, (cloud, cost) =>
            (cloud, cost is null || read.Contains(cloud) ? cost : cost with { Get = 0 }))];
        CloudCost total = new(lines.Sum(line => line.Cost?.Put ?? 0), lines.Sum(line => line.Cost?.StoredMonth ?? 0), lines.Sum(line => line.Cost?.Get ?? 0));
        if (isJson)
        {
            StoreJson.Write(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("clouds");
                foreach ((CloudSettings cloud, CloudCost? cost) in lines)
                {
                    Write(cloud.Name, cost);
                }

                json.WriteEndArray();
                json.WriteNumber("put", total.Put);
                json.WriteNumber("storedMonth", total.StoredMonth);
                json.WriteNumber("get", total.Get);
                json.WriteEndObject();

                void Write(string name, CloudCost? cost)
                {
                    json.WriteStartObject();
                    json.WriteString("name", name);
                    if (cost is not null)
                    {
                        json.WriteNumber("put", cost.Put);
                        json.WriteNumber("storedMonth", cost.StoredMonth);
                        json.WriteNumber("get", cost.Get);
                    }

                    json.WriteEndObject();
                }
            });
            return;
        }

        TextTable.Write(Terminal.Out, s_columns, [.. lines.Select(line => Row(line.Cloud.Name, line.Cost)), Row("all", total)]);
        Terminal.Out.WriteLine($"reads take {estimate.ReadFrom} clouds: {string.Join(" and ", read.Select(cloud => cloud.Name))} are cheapest ('store get --order cheapest')");
        if (lines.Any(line => line.Cost is null))
        {
            Terminal.Error.WriteLine("culvert: clouds without a 'price' are not counted");
        }
    }

    private static string[] Row(string name, CloudCost? cost) =>
        cost is null ? [name, "", "", ""] : [name, Text(cost.Put), Text(cost.StoredMonth), Text(cost.Get)];

    private static string Text(decimal amount) => amount.ToString("0.00##", CultureInfo.InvariantCulture);

    private static Option<decimal> Amount(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "GB",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal amount) && amount <= 1_000_000_000)
            {
                return amount;
            }

            result.AddError($"{name} is an amount of 10^9 bytes, such as 10 or 0.5, and not '{text}'");
            return 0;
        },
    };
}
