using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// An attestation result: what a broker's verifier found and released, signed by the broker. In the form of EAR
/// (draft-ietf-rats-ear, JWT), with claims of Culvert's own for what the release was about (docs/specs/key-release.md). Immutable.
/// </summary>
public sealed record EarResult
{
    /// <summary>Characters of the longest result that is read.</summary>
    public const int CharactersMax = 256 << 10;

    /// <summary>EAR's profile.</summary>
    public const string Profile = "tag:github.com,2023:veraison/ear";

    /// <summary>The name of the one attester in <c>submods</c>.</summary>
    public const string Submodule = "enclave";

    private const string Developer = "Culvert";

    /// <summary>When, to the second, by the broker's clock.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Which program verified.</summary>
    public required string Build { get; init; }

    /// <summary>What made the evidence.</summary>
    public required EvidenceKind Kind { get; init; }

    /// <summary>The verdict.</summary>
    public required AttestationStatus Status { get; init; }

    /// <summary>AR4SI's claims.</summary>
    public required TrustworthinessVector Trustworthiness { get; init; }

    /// <summary>The measured set.</summary>
    public required ImmutableSortedDictionary<string, string> Measurements { get; init; }

    /// <summary>The TCB's status, in the vendor's word.</summary>
    public required string TcbStatus { get; init; }

    /// <summary>Advisories that hold for the platform.</summary>
    public required ImmutableArray<string> AdvisoryIds { get; init; }

    /// <summary>The challenge's nonce.</summary>
    public required ImmutableArray<byte> Nonce { get; init; }

    /// <summary>What the evidence binds: <see cref="ReleaseBinding.ReportData"/>.</summary>
    public required ImmutableArray<byte> ReportData { get; init; }

    /// <summary>SHA-256 over the evidence's files in order of their names, each behind its name.</summary>
    public required ImmutableArray<byte> Evidence { get; init; }

    /// <summary>The manifest's digest.</summary>
    public required ImmutableArray<byte> Manifest { get; init; }

    /// <summary>The manifest's version.</summary>
    public required int ManifestVersion { get; init; }

    /// <summary>The job.</summary>
    public required string Job { get; init; }

    /// <summary>The plan.</summary>
    public required PlanDigest Plan { get; init; }

    /// <summary>The run.</summary>
    public required RunId Run { get; init; }

    /// <summary>The stages whose keys were released.</summary>
    public required ImmutableArray<StageId> Stages { get; init; }

    /// <summary>The key epoch.</summary>
    public required KeyEpoch Epoch { get; init; }

    /// <summary>The digest of the inputs' headers; empty where there are none.</summary>
    public required ImmutableArray<byte> Inputs { get; init; }

    /// <summary>SHA-256 of the enclave's HPKE key.</summary>
    public required ImmutableArray<byte> ReleaseKey { get; init; }

    /// <summary>SHA-256 of the enclave's signing key (SubjectPublicKeyInfo).</summary>
    public required ImmutableArray<byte> SigningKey { get; init; }

    /// <summary>SHA-256 over files in order of their names, each name and content behind its length.</summary>
    public static byte[] DigestOf(ImmutableSortedDictionary<string, ImmutableArray<byte>> files)
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Write("culvert v1 evidence\0"u8);
        foreach ((string name, ImmutableArray<byte> content) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            writer.Text(name);
            writer.Part(content.AsSpan());
        }

        return SHA256.HashData(writer.WrittenSpan);
    }

    /// <summary>Signs the result with the broker's key (<see cref="Sealing.SigningKeys.OfBroker"/>).</summary>
    public string Sign(ECDsa broker)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            Write(json);
        }

        return CompactJws.Sign(buffer.WrittenSpan, broker);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("eat_profile", Profile);
        json.WriteNumber("iat", IssuedAt.ToUnixTimeSeconds());
        json.WriteString("eat_nonce", Base64Url.EncodeToString(Nonce.AsSpan()));
        json.WriteStartObject("ear.verifier-id");
        json.WriteString("build", Build);
        json.WriteString("developer", Developer);
        json.WriteEndObject();
        json.WriteStartObject("submods");
        json.WriteStartObject(Submodule);
        json.WriteString("ear.status", VerdictDocument.Word(Status));
        json.WritePropertyName("ear.trustworthiness-vector");
        VerdictDocument.WriteVector(json, Trustworthiness);
        json.WriteString("ear.appraisal-policy-id", $"culvert-manifest:{Convert.ToHexStringLower(Manifest.AsSpan())}");
        WriteEvidence(json);
        json.WriteEndObject();
        json.WriteEndObject();
        WriteRelease(json);
        json.WriteEndObject();
    }

    private void WriteEvidence(Utf8JsonWriter json)
    {
        json.WriteStartObject("culvert.evidence");
        json.WriteString("kind", EvidenceKindName.Of(Kind));
        json.WriteString("digest", Hex(Evidence));
        json.WriteString("reportData", Hex(ReportData));
        json.WriteString("tcbStatus", TcbStatus);
        json.WriteStartArray("advisoryIds");
        foreach (string id in AdvisoryIds)
        {
            json.WriteStringValue(id);
        }

        json.WriteEndArray();
        json.WriteStartObject("measurements");
        foreach ((string name, string value) in Measurements)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteRelease(Utf8JsonWriter json)
    {
        json.WriteStartObject("culvert.release");
        json.WriteString("job", Job);
        json.WriteString("plan", Plan.ToString());
        json.WriteString("manifest", Hex(Manifest));
        json.WriteNumber("manifestVersion", ManifestVersion);
        json.WriteString("run", Run.ToString());
        json.WriteNumber("epoch", Epoch.Value);
        json.WriteStartArray("stages");
        foreach (StageId stage in Stages)
        {
            json.WriteNumberValue(stage.Value);
        }

        json.WriteEndArray();
        json.WriteString("inputs", Hex(Inputs));
        json.WriteString("releaseKey", Hex(ReleaseKey));
        json.WriteString("signingKey", Hex(SigningKey));
        json.WriteEndObject();
    }

    private static string Hex(ImmutableArray<byte> bytes) => Convert.ToHexStringLower(bytes.AsSpan());
}
