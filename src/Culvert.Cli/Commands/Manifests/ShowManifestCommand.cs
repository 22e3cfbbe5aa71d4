using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Culvert.Attestation;
using Culvert.Cli.Output;

namespace Culvert.Cli.Commands.Manifests;

/// <summary><c>culvert manifest show</c>: what a manifest allows, for people, or with its state as one JSON document.</summary>
internal static class ShowManifestCommand
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static Command Make()
    {
        Argument<string> file = ManifestSymbols.File();
        Option<bool> json = new("--json") { Description = "One JSON document: the manifest, its digest, its versions, and what is wrong with it" };
        Command command = new("show", "Show what a manifest allows, to whom, and who signed it") { file, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            ImmutableArray<SignedManifest> versions = ManifestStore.ReadAll(path);
            ManifestRefusal? refusal = RefusalOf(versions);
            if (parsed.GetValue(json))
            {
                WriteJson(versions, refusal);
            }
            else
            {
                ManifestText.Write(Terminal.Out, path, versions, refusal, ManifestStore.Proposed(path));
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static ManifestRefusal? RefusalOf(ImmutableArray<SignedManifest> versions) =>
        ManifestHistory.TryVerify(versions, versions[0].Manifest.OwnerKey.AsSpan(), out ManifestHistory? history, out ManifestRefusal? refusal)
            ? ManifestVerification.VerifyTime(history.Current.Manifest, DateTimeOffset.UtcNow)
            : refusal;

    private static void WriteJson(ImmutableArray<SignedManifest> versions, ManifestRefusal? refusal)
    {
        using (Utf8JsonWriter json = new(DescriptorStream.StandardOutput, s_options))
        {
            json.WriteStartObject();
            json.WriteString("digest", Convert.ToHexStringLower(versions[^1].Digest.AsSpan()));
            if (refusal is null)
            {
                json.WriteNull("refusal");
            }
            else
            {
                json.WriteStartObject("refusal");
                json.WriteString("check", refusal.Name);
                json.WriteString("message", refusal.Message);
                json.WriteEndObject();
            }

            json.WriteStartArray("versions");
            foreach (SignedManifest version in versions)
            {
                json.WriteStartObject();
                json.WriteNumber("version", version.Manifest.Version);
                json.WriteNumber("epoch", version.Manifest.Epoch.Value);
                json.WriteString("digest", Convert.ToHexStringLower(version.Digest.AsSpan()));
                json.WriteNumber("signatures", version.Signatures.Length);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WritePropertyName("manifest");
            using JsonDocument document = JsonDocument.Parse(ManifestDocument.Write(versions[^1]));
            document.RootElement.WriteTo(json);
            json.WriteEndObject();
        }

        DescriptorStream.StandardOutput.Write("\n"u8);
    }
}
