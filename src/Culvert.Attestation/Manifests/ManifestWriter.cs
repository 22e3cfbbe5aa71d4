using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>Writes the members of a manifest, in the order in which people read them.</summary>
internal static class ManifestWriter
{
    internal static void Write(Utf8JsonWriter json, Manifest manifest, ImmutableArray<ManifestSignature> signatures)
    {
        json.WriteStartObject();
        json.WriteString("culvert", ManifestDocument.Mark);
        json.WriteString("job", manifest.Job);
        json.WriteNumber("version", manifest.Version);
        json.WriteNumber("epoch", manifest.Epoch.Value);
        json.WriteString("notBefore", Time(manifest.NotBefore));
        json.WriteString("notAfter", Time(manifest.NotAfter));
        json.WriteString("plan", manifest.Plan.ToString());
        json.WriteString("lineage", Hex(manifest.Lineage));
        if (!manifest.Previous.IsEmpty)
        {
            json.WriteString("previous", Hex(manifest.Previous));
        }

        json.WriteString("ownerKey", Base64(manifest.OwnerKey));
        json.WriteString("brokerKey", Base64(manifest.BrokerKey));
        json.WriteBoolean("allowSimulation", manifest.AllowSimulation);
        json.WriteStartArray("stages");
        foreach (ManifestStage stage in manifest.Stages)
        {
            WriteStage(json, stage);
        }

        json.WriteEndArray();
        json.WriteStartObject("platforms");
        foreach ((EvidenceKind kind, VerificationPolicy policy) in manifest.Platforms)
        {
            json.WritePropertyName(EvidenceKindName.Of(kind));
            PolicyDocument.WritePlatform(json, policy);
        }

        json.WriteEndObject();
        if (manifest.Inputs is { } inputs)
        {
            WriteTexts(json, "inputs", inputs.Select(id => id.ToString()));
        }

        WriteRules(json, manifest);
        WriteSignatures(json, signatures);
        json.WriteEndObject();
    }

    internal static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void WriteStage(Utf8JsonWriter json, ManifestStage stage)
    {
        json.WriteStartObject();
        json.WriteNumber("id", stage.Id.Value);
        json.WriteString("name", stage.Name);
        json.WriteStartArray("accepted");
        foreach (AcceptedMeasurement accepted in stage.Accepted)
        {
            json.WriteStartObject();
            json.WriteString("kind", EvidenceKindName.Of(accepted.Kind));
            json.WriteStartObject("values");
            foreach ((string name, string value) in accepted.Values)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteString("description", accepted.Description);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("edges");
        foreach (StageEdge edge in stage.Edges)
        {
            json.WriteStartObject();
            json.WriteNumber("id", edge.Id.Value);
            json.WriteBoolean("dispatchesByKey", edge.DispatchesByKey);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("reports", stage.Reports.Value);
        json.WriteBoolean("holdsState", stage.HoldsState);
        json.WriteBoolean("readsInputs", stage.ReadsInputs);
        json.WriteBoolean("writesResult", stage.WritesResult);
        json.WriteNumber("activationsMax", stage.ActivationsMax);
        json.WriteEndObject();
    }

    private static void WriteRules(Utf8JsonWriter json, Manifest manifest)
    {
        json.WriteStartObject("revoked");
        json.WriteBoolean("job", manifest.Revoked.Job);
        WriteTexts(json, "measurements", manifest.Revoked.Measurements);
        WriteTexts(json, "chips", manifest.Revoked.Chips);
        json.WriteEndObject();
        json.WriteStartObject("update");
        json.WriteNumber("threshold", manifest.Update.Threshold);
        json.WriteStartArray("signers");
        foreach (ManifestSigner signer in manifest.Update.Signers)
        {
            json.WriteStartObject();
            json.WriteString("name", signer.Name);
            json.WriteString("key", Base64(signer.Key));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSignatures(Utf8JsonWriter json, ImmutableArray<ManifestSignature> signatures)
    {
        json.WriteStartArray("signatures");
        foreach (ManifestSignature signature in signatures)
        {
            json.WriteStartObject();
            json.WriteString("key", Base64(signature.Key));
            json.WriteString("value", Base64(signature.Value));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Hex(ImmutableArray<byte> bytes) => Convert.ToHexStringLower(bytes.AsSpan());

    private static string Base64(ImmutableArray<byte> bytes) => Convert.ToBase64String(bytes.AsSpan());
}
