using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>Reads attestation results from outside. Pure; safe on any thread.</summary>
public static class EarVerifier
{
    private const int MeasurementsMax = 64;
    private const int AdvisoriesMax = 256;

    /// <summary>
    /// What a result states, if <paramref name="broker"/> (SubjectPublicKeyInfo, P-256, from a manifest) signed it by ES256.
    /// A result of another key, algorithm or form is refused; whether it is of the release at hand is the caller's to compare.
    /// </summary>
    public static Outcome<EarResult> Verify(string jws, ReadOnlyMemory<byte> broker)
    {
        Outcome<byte[]> payload = CompactJws.Verify(jws, broker, EarResult.CharactersMax);
        return payload.Succeeded ? JsonFields.Read(payload.Value, "attestation result", Read) : payload.Failure;
    }

    private static EarResult Read(JsonElement root)
    {
        if (root.Text("eat_profile") != EarResult.Profile)
        {
            throw new JsonException($"eat_profile is not {EarResult.Profile}");
        }

        JsonElement attester = root.Need("submods", JsonValueKind.Object).Need(EarResult.Submodule, JsonValueKind.Object);
        JsonElement evidence = attester.Need("culvert.evidence", JsonValueKind.Object);
        JsonElement release = root.Need("culvert.release", JsonValueKind.Object);
        EvidenceKind kind = EvidenceKindName.Parse(evidence.Text("kind"));
        return new EarResult
        {
            IssuedAt = Time(root),
            Build = root.Need("ear.verifier-id", JsonValueKind.Object).Text("build"),
            Kind = kind != EvidenceKind.Unknown ? kind : throw new JsonException("the evidence's kind is not known"),
            Status = StatusOf(attester.Text("ear.status")),
            Trustworthiness = VectorOf(attester.Need("ear.trustworthiness-vector", JsonValueKind.Object)),
            Measurements = MeasurementsOf(evidence),
            TcbStatus = evidence.Text("tcbStatus"),
            AdvisoryIds = evidence.Texts("advisoryIds", AdvisoriesMax),
            Nonce = NonceOf(root),
            ReportData = Digest(evidence, "reportData"),
            Evidence = Digest(evidence, "digest"),
            Manifest = Digest(release, "manifest"),
            ManifestVersion = release.Number("manifestVersion", int.MaxValue),
            Job = release.Text("job"),
            Plan = PlanDigest.FromBytes(release.Hex("plan", PlanDigest.SizeBytes)),
            Run = new RunId(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(release.Hex("run", 16))),
            Stages = release.Each("stages", ReleaseBinding.StagesMax, stage => new StageId(stage.GetInt32())),
            Epoch = new KeyEpoch(release.Number("epoch", ReleaseLimits.EpochsMax - 1)),
            Inputs = release.Text("inputs").Length == 0 ? [] : Digest(release, "inputs"),
            ReleaseKey = Digest(release, "releaseKey"),
            SigningKey = Digest(release, "signingKey"),
        };
    }

    private static DateTimeOffset Time(JsonElement root) =>
        root.Need("iat", JsonValueKind.Number).TryGetInt64(out long seconds) && seconds is >= 0 and <= 253402300799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new JsonException("iat is no time in seconds");

    private static ImmutableArray<byte> NonceOf(JsonElement root)
    {
        byte[] nonce = Base64Url.DecodeFromChars(root.Text("eat_nonce"));
        return nonce.Length == ReleaseBinding.DigestBytes ? [.. nonce] : throw new JsonException($"eat_nonce has not {ReleaseBinding.DigestBytes} bytes");
    }

    private static ImmutableArray<byte> Digest(JsonElement from, string name) => [.. from.Hex(name, ReleaseBinding.DigestBytes)];

    private static AttestationStatus StatusOf(string word) =>
        Enum.GetValues<AttestationStatus>().Where(status => VerdictDocument.Word(status) == word).Select(status => (AttestationStatus?)status).FirstOrDefault()
        ?? throw new JsonException("ear.status is not known");

    private static ImmutableSortedDictionary<string, string> MeasurementsOf(JsonElement evidence)
    {
        JsonElement from = evidence.Need("measurements", JsonValueKind.Object);
        return from.GetPropertyCount() > MeasurementsMax
            ? throw new JsonException($"measurements has over {MeasurementsMax} entries")
            : from.EnumerateObject().ToImmutableSortedDictionary(member => member.Name, member => from.Text(member.Name), StringComparer.Ordinal);
    }

    private static TrustworthinessVector VectorOf(JsonElement from) => new()
    {
        InstanceIdentity = Claim(from, "instance-identity"),
        Configuration = Claim(from, "configuration"),
        Executables = Claim(from, "executables"),
        FileSystem = Claim(from, "file-system"),
        Hardware = Claim(from, "hardware"),
        RuntimeOpaque = Claim(from, "runtime-opaque"),
        StorageOpaque = Claim(from, "storage-opaque"),
        SourcedData = Claim(from, "sourced-data"),
    };

    /// <summary>AR4SI: -128 to 127; a claim that is not there is 0.</summary>
    private static sbyte Claim(JsonElement from, string name) =>
        from.Find(name, JsonValueKind.Number) is not { } value ? (sbyte)0
        : value.TryGetSByte(out sbyte claim) ? claim
        : throw new JsonException($"{name} is not from -128 to 127");
}
