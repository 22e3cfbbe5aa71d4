using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// Proofs as JSON (docs/specs/proof.md). Reading refuses everything of which two readers could see different things, as with
/// manifests; it verifies nothing.
/// </summary>
public static class ProofDocument
{
    internal const string Mark = "proof 1";
    internal const string Timestamps = "timestamps";
    private const string Name = "proof.format";

    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the document: UTF-8, indented, with a line end.</summary>
    public static byte[] Write(Proof proof)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, s_options))
        {
            ProofWriter.Write(json, proof);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads a document. Refuses one that breaks a rule of the specification (<see cref="FailureKind.Malformed"/>) or is too long
    /// (<see cref="FailureKind.TooLarge"/>); the message begins with <c>proof.format</c>.
    /// </summary>
    public static Outcome<Proof> Read(ReadOnlyMemory<byte> text) => text.Length > ProofLimits.BytesMax
        ? new Failure(FailureKind.TooLarge, $"{Name}: {text.Length} bytes; at most {ProofLimits.BytesMax} are read")
        : JsonFields.Read(text, Name, ReadRoot);

    /// <summary>Whether bytes begin as a JSON document does, which no sealed file does.</summary>
    public static bool Begins(ReadOnlySpan<byte> bytes) => bytes.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    internal static byte[] DigestOf(Proof proof)
    {
        using JsonDocument document = JsonDocument.Parse(Write(proof with { Salt = [], OwnerTimestamps = [], TimestampTokens = [] }));
        return SHA256.HashData([.. "culvert v1 proof\0"u8, .. CanonicalJson.Write(document.RootElement, except: Timestamps)]);
    }

    private static Proof ReadRoot(JsonElement root)
    {
        Proof proof = ProofReader.Read(root);
        using JsonDocument again = JsonDocument.Parse(Write(proof));
        return CanonicalJson.Write(root).AsSpan().SequenceEqual(CanonicalJson.Write(again.RootElement))
            ? proof
            : throw new JsonException($"{JsonDifference.Find(root, again.RootElement)} is not in its one form");
    }
}
