using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// Manifests as JSON (docs/specs/manifest.md): written for people, signed in one canonical form (RFC 8785). Reading refuses
/// everything of which two readers could see different things; it verifies no signature.
/// </summary>
public static class ManifestDocument
{
    /// <summary>What the member <c>culvert</c> says.</summary>
    internal const string Mark = "manifest 1";

    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the document: UTF-8, indented, with a line end.</summary>
    public static byte[] Write(SignedManifest signed) => Write(signed.Manifest, signed.Signatures);

    /// <summary>
    /// Reads a document. Refuses one that breaks a rule of the specification (<see cref="FailureKind.Malformed"/>) or is too long
    /// (<see cref="FailureKind.TooLarge"/>); the message begins with <c>manifest.format</c>.
    /// </summary>
    public static Outcome<SignedManifest> Read(ReadOnlyMemory<byte> text) => text.Length > ManifestLimits.BytesMax
        ? new Failure(FailureKind.TooLarge, $"{ManifestCheckName.Of(ManifestCheck.Format)}: {text.Length} bytes; at most {ManifestLimits.BytesMax} are read")
        : JsonFields.Read(text, ManifestCheckName.Of(ManifestCheck.Format), ReadRoot);

    /// <summary>A manifest that nobody has signed yet, with its digest; fails where no reader would accept it.</summary>
    public static Outcome<SignedManifest> Of(Manifest manifest) => Read(Write(manifest, []));

    /// <summary>The canonical form without signatures.</summary>
    public static byte[] Canonical(Manifest manifest)
    {
        using JsonDocument document = JsonDocument.Parse(Write(manifest, []));
        return CanonicalJson.Write(document.RootElement, except: "signatures");
    }

    /// <summary>What is signed, and what the digest is of: a label and the canonical form.</summary>
    public static byte[] SignedBytes(Manifest manifest) => SignedBytes(Canonical(manifest));

    private static byte[] SignedBytes(byte[] canonical) => [.. "culvert v1 manifest\0"u8, .. canonical];

    private static byte[] Write(Manifest manifest, ImmutableArray<ManifestSignature> signatures)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, s_options))
        {
            ManifestWriter.Write(json, manifest, signatures);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static SignedManifest ReadRoot(JsonElement root)
    {
        Manifest manifest = ManifestReader.Read(root);
        ImmutableArray<ManifestSignature> signatures = ManifestReader.ReadSignatures(root);
        byte[] canonical = CanonicalJson.Write(root, except: "signatures");
        using JsonDocument again = JsonDocument.Parse(Write(manifest, signatures));
        if (!canonical.AsSpan().SequenceEqual(CanonicalJson.Write(again.RootElement, except: "signatures")))
        {
            throw new JsonException($"{JsonDifference.Find(root, again.RootElement)} is not in its one form");
        }

        return new SignedManifest(manifest, [.. SHA256.HashData(SignedBytes(canonical))], signatures);
    }
}
