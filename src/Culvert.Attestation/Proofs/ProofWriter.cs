using System.Globalization;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>Writes the members of a proof, in the order in which people read them.</summary>
internal static class ProofWriter
{
    internal static void Write(Utf8JsonWriter json, Proof proof)
    {
        json.WriteStartObject();
        json.WriteString("culvert", ProofDocument.Mark);
        json.WriteString("job", proof.Job);
        json.WriteString("plan", proof.Plan.ToString());
        json.WriteString("run", proof.Run.ToString());
        WriteResult(json, proof);
        WriteInputs(json, proof);
        json.WriteStartArray("manifests");
        foreach (SignedManifest manifest in proof.Manifests)
        {
            ManifestWriter.Write(json, manifest.Manifest, manifest.Signatures);
        }

        json.WriteEndArray();
        json.WriteStartArray("enclaves");
        foreach (EnclaveProof enclave in proof.Enclaves)
        {
            json.WriteStartObject();
            ReleaseWire.WriteBinding(json, enclave.Binding);
            ReleaseWire.WriteFiles(json, "evidence", enclave.Evidence);
            ReleaseWire.WriteFiles(json, "collateral", enclave.Collateral);
            json.WriteString("result", enclave.Result);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("statements");
        foreach (SignedStatement statement in proof.Statements)
        {
            json.WriteStartObject();
            json.WriteBase64String("statement", statement.Bytes.AsSpan());
            json.WriteBase64String("signature", statement.Signature.AsSpan());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteTimestamps(json, proof);
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, Proof proof)
    {
        json.WriteStartObject("result");
        json.WriteStartArray("columns");
        foreach (ResultColumn column in proof.Columns)
        {
            json.WriteStartObject();
            json.WriteString("name", column.Name);
            json.WriteString("type", column.Type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (!proof.Salt.IsEmpty)
        {
            json.WriteString("salt", Convert.ToHexStringLower(proof.Salt.AsSpan()));
        }

        if (proof.Sealed is { } end)
        {
            json.WriteString("sealed", end.ToString());
        }

        json.WriteEndObject();
    }

    private static void WriteInputs(Utf8JsonWriter json, Proof proof)
    {
        json.WriteStartArray("inputs");
        foreach (ProofInput input in proof.Inputs)
        {
            json.WriteStartObject();
            json.WriteString("stream", input.Stream.ToString());
            if (input.Digest is { } digest)
            {
                json.WriteString("digest", digest.ToString());
            }

            json.WriteBase64String("header", input.Header.AsSpan());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTimestamps(Utf8JsonWriter json, Proof proof)
    {
        json.WriteStartObject(ProofDocument.Timestamps);
        json.WriteStartArray("owner");
        foreach (OwnerTimestamp timestamp in proof.OwnerTimestamps)
        {
            json.WriteStartObject();
            json.WriteString("at", timestamp.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteBase64String("signature", timestamp.Signature.AsSpan());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("tokens");
        foreach (var token in proof.TimestampTokens)
        {
            json.WriteBase64StringValue(token.AsSpan());
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
