using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Storage;
using Culvert.Streams;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store status</c>: how each cloud does, and what it did wrong.</summary>
internal static class StoreStatusCommand
{
    private static readonly Field[] s_columns =
    [
        new("cloud", new ColumnType(ValueKind.Text)),
        new("state", new ColumnType(ValueKind.Text)),
        new("ms", new ColumnType(ValueKind.Int64)),
        new("bytes", new ColumnType(ValueKind.Int64)),
        new("per month", new ColumnType(ValueKind.Int64)),
        new("wrong", new ColumnType(ValueKind.Int64)),
        new("where", new ColumnType(ValueKind.Text)),
    ];

    internal static Command Make()
    {
        Option<bool> fast = new("--fast") { Description = "Do not sum up what each cloud stores, which takes a list of all objects" };
        Option<bool> json = StoreSymbols.Json();
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command(
            "status", "Show each cloud: whether it answers, how fast, what it stores and costs, and what it did wrong and when");
        command.Add(fast);
        command.Add(json);
        command.SetAction(parsed => StoreSession.Run(choice(parsed), async session =>
        {
            await session.Store.RefreshAsync(session.Stop).ConfigureAwait(false);
            StoreStatus status = await session.Store.StatusAsync(!parsed.GetValue(fast), session.Stop).ConfigureAwait(false);
            if (parsed.GetValue(json))
            {
                StoreStatusJson.Write(status, cloud => CostOf(session.Client, cloud));
            }
            else
            {
                Write(status, cloud => CostOf(session.Client, cloud));
            }

            return ExitCode.Success;
        }));
        return command;
    }

    /// <summary>What keeping what a cloud stores costs a month; null when its price or its amount is not known.</summary>
    private static decimal? CostOf(StoreClient client, CloudStatus cloud) =>
        cloud.StoredBytes is { } bytes && client.Find(cloud.Name)?.Prices is { } prices ? bytes / 1_000_000_000m * prices.StoredGbMonth : null;

    private static void Write(StoreStatus status, Func<CloudStatus, decimal?> cost)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        TextWriter output = Terminal.Out;
        output.WriteLine(string.Create(
            invariant, $"store {status.Store}, configuration {status.Configuration}: {status.Clouds.Count} clouds, of which {status.Faults} may lie"));
        TextTable.Write(output, s_columns, [.. status.Clouds.Select(cloud => new[]
        {
            cloud.Name,
            cloud.Failure is null ? "up" : "FAILS",
            cloud.Failure is null && cloud.Traffic.LatencyMs is { } latency ? latency.ToString("0", invariant) : "",
            cloud.StoredBytes?.ToString(invariant) ?? "",
            cost(cloud)?.ToString("0.####", invariant) ?? "",
            cloud.Misbehaviour.Count.ToString(invariant),
            cloud.Location,
        })]);
        foreach (CloudStatus cloud in status.Clouds.Where(cloud => cloud.Failure is not null))
        {
            output.WriteLine($"{cloud.Name} fails: {cloud.Failure}");
        }

        foreach (UnderReplication behind in status.Behind)
        {
            output.WriteLine($"under-replicated: {behind.Unit}: {string.Join(", ", behind.Clouds)}");
        }

        foreach (Misbehaviour wrong in status.Clouds.SelectMany(cloud => cloud.Misbehaviour).OrderBy(wrong => wrong.TimeUtc))
        {
            output.WriteLine(string.Create(
                invariant, $"{wrong.TimeUtc:u}  {wrong.Cloud}  {StoreStatusJson.NameOf(wrong.Kind)}  {wrong.ObjectName}: {wrong.Message}"));
        }
    }
}
