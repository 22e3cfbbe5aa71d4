using System.Text.Json;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary>A store's status as one JSON document.</summary>
internal static class StoreStatusJson
{
    internal static void Write(StoreStatus status, Func<CloudStatus, decimal?> cost) => StoreJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("store", status.Store.ToString());
        json.WriteNumber("configuration", status.Configuration);
        json.WriteNumber("faults", status.Faults);
        json.WriteStartArray("clouds");
        foreach (CloudStatus cloud in status.Clouds)
        {
            WriteCloud(json, cloud, cost(cloud));
        }

        json.WriteEndArray();
        json.WriteStartArray("underReplicated");
        foreach (UnderReplication behind in status.Behind)
        {
            json.WriteStartObject();
            json.WriteString("unit", behind.Unit);
            json.WriteStartArray("clouds");
            foreach (string cloud in behind.Clouds)
            {
                json.WriteStringValue(cloud);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>What a cloud is charged with, in a word.</summary>
    internal static string NameOf(ChargeKind kind) => kind switch
    {
        ChargeKind.Altered => "altered",
        ChargeKind.Forged => "forged",
        ChargeKind.UnknownSigner => "unknown-signer",
        ChargeKind.Lost => "lost",
        ChargeKind.Stale => "stale",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static void WriteCloud(Utf8JsonWriter json, CloudStatus cloud, decimal? cost)
    {
        json.WriteStartObject();
        json.WriteString("name", cloud.Name);
        json.WriteString("location", cloud.Location);
        json.WriteBoolean("up", cloud.Failure is null);
        if (cloud.Failure is not null)
        {
            json.WriteString("failure", cloud.Failure);
        }

        WriteNumber(json, "latencyMs", cloud.Failure is null && cloud.Traffic.LatencyMs is { } latency ? Math.Round((decimal)latency, 3) : null);
        WriteNumber(json, "storedBytes", cloud.StoredBytes);
        WriteNumber(json, "costPerMonth", cost);
        json.WriteStartArray("misbehaviour");
        foreach (Misbehaviour wrong in cloud.Misbehaviour)
        {
            json.WriteStartObject();
            json.WriteString("kind", NameOf(wrong.Kind));
            json.WriteString("time", wrong.TimeUtc.UtcDateTime);
            json.WriteString("object", wrong.ObjectName);
            json.WriteString("message", wrong.Message);
            json.WriteNumber("heldBytes", wrong.HeldBytes);
            json.WriteString("heldDigest", wrong.HeldDigest.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, decimal? number)
    {
        if (number is { } known)
        {
            json.WriteNumber(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
