using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>Reads the members of a manifest, and refuses what breaks a rule of docs/specs/manifest.md by <see cref="JsonException"/>.</summary>
internal static class ManifestReader
{
    private const int KeyBytesMax = 256;

    internal static Manifest Read(JsonElement root)
    {
        root.Only("the document", ManifestMembers.Document, ManifestMembers.MayBeAbsent);
        if (root.Text("culvert") != ManifestDocument.Mark)
        {
            throw new JsonException($"culvert is '{Shown(root.Text("culvert"))}', not '{ManifestDocument.Mark}'");
        }

        ImmutableSortedDictionary<EvidenceKind, VerificationPolicy> platforms = ReadPlatforms(root);
        Manifest manifest = new()
        {
            Lineage = [.. root.Hex("lineage", Manifest.LineageBytes)],
            Version = root.Number("version", ManifestLimits.VersionsMax),
            Previous = root.TryGetProperty("previous", out _) ? [.. root.Hex("previous", SHA256.HashSizeInBytes)] : [],
            Job = NonEmpty(root, "job"),
            Plan = PlanDigest.FromBytes(root.Hex("plan", PlanDigest.SizeBytes)),
            Epoch = new KeyEpoch(root.Number("epoch", int.MaxValue)),
            NotBefore = root.Time("notBefore"),
            NotAfter = root.Time("notAfter"),
            OwnerKey = Key(root, "ownerKey"),
            BrokerKey = Key(root, "brokerKey"),
            AllowSimulation = Flag(root, "allowSimulation"),
            Stages = root.Each("stages", ManifestLimits.StagesMax, stage => ReadStage(stage, platforms)),
            Platforms = platforms,
            Inputs = root.TryGetProperty("inputs", out _) ? [.. Distinct(root, "inputs", 16, 16).Select(id => new StreamId(UInt128.Parse(id, System.Globalization.NumberStyles.AllowHexSpecifier, null)))] : null,
            Revoked = ReadRevoked(root.GetProperty("revoked")),
            Update = ReadUpdate(root.GetProperty("update")),
        };
        Check(manifest);
        return manifest;
    }

    internal static ImmutableArray<ManifestSignature> ReadSignatures(JsonElement root)
    {
        ImmutableArray<ManifestSignature> signatures = root.Each("signatures", ManifestLimits.SignaturesMax, signature =>
        {
            signature.Only("a signature", ManifestMembers.Signature);
            return new ManifestSignature(Key(signature, "key"), Base64(signature, "value", ManifestSigning.SignatureBytes, ManifestSigning.SignatureBytes));
        });
        return signatures.Select(s => Convert.ToHexString(s.Key.AsSpan())).Distinct().Count() == signatures.Length
            ? signatures
            : throw new JsonException("signatures: two are by one key");
    }

    private static void Check(Manifest manifest)
    {
        if (manifest.Version < 1 || manifest.Previous.IsEmpty != (manifest.Version == 1))
        {
            throw new JsonException(manifest.Version < 1 ? "version is not 1 or more"
                : manifest.Version == 1 ? "version 1 has a previous" : $"version {manifest.Version} has no previous");
        }

        if (manifest.NotBefore >= manifest.NotAfter)
        {
            throw new JsonException("notBefore is not before notAfter");
        }

        if (manifest.Stages.IsEmpty)
        {
            throw new JsonException("stages is empty");
        }

        for (int i = 1; i < manifest.Stages.Length; i++)
        {
            if (manifest.Stages[i].Id.Value <= manifest.Stages[i - 1].Id.Value)
            {
                throw new JsonException($"stages: {manifest.Stages[i].Id.Value} comes behind {manifest.Stages[i - 1].Id.Value}; their ids ascend");
            }
        }
    }

    private static ManifestStage ReadStage(JsonElement stage, ImmutableSortedDictionary<EvidenceKind, VerificationPolicy> platforms)
    {
        stage.Only("a stage", ManifestMembers.Stage);
        int id = stage.Number("id", ManifestLimits.StagesMax - 1);
        string what = $"stage {id}";
        ImmutableArray<AcceptedMeasurement> accepted = stage.Each("accepted", ManifestLimits.AcceptedMax, set => ReadAccepted(set, what, platforms));
        if (accepted.IsEmpty)
        {
            throw new JsonException($"{what} accepts nothing: accepted is empty");
        }

        if (accepted.Select(MeasuredSets.NameOf).Distinct().Count() != accepted.Length)
        {
            throw new JsonException($"{what} accepts one measured set twice");
        }

        ImmutableArray<StageEdge> edges = stage.Each("edges", ManifestLimits.EdgesMax, edge =>
        {
            edge.Only($"an edge of {what}", ManifestMembers.Edge);
            return new StageEdge(new EdgeId(edge.Number("id", ManifestLimits.EdgeNumberMax)), Flag(edge, "dispatchesByKey"));
        });
        EdgeId reports = new(stage.Number("reports", ManifestLimits.EdgeNumberMax));
        if (edges.Zip(edges.Skip(1)).Any(pair => pair.Second.Id.Value <= pair.First.Id.Value) || edges.Any(edge => edge.Id == reports))
        {
            throw new JsonException($"{what}: the ids of its edges do not ascend, or reports is one of them");
        }

        return new ManifestStage
        {
            Id = new StageId(id),
            Name = NonEmpty(stage, "name"),
            Accepted = accepted,
            Edges = edges,
            Reports = reports,
            HoldsState = Flag(stage, "holdsState"),
            ReadsInputs = Flag(stage, "readsInputs"),
            WritesResult = Flag(stage, "writesResult"),
            ActivationsMax = stage.Number("activationsMax", int.MaxValue),
        };
    }

    private static AcceptedMeasurement ReadAccepted(JsonElement set, string what, ImmutableSortedDictionary<EvidenceKind, VerificationPolicy> platforms)
    {
        set.Only($"a measured set of {what}", ManifestMembers.Accepted);
        AcceptedMeasurement accepted = MeasuredSets.Read(set, what);
        return platforms.ContainsKey(accepted.Kind)
            ? accepted
            : throw new JsonException($"{what} accepts {EvidenceKindName.Of(accepted.Kind)}, and platforms has no {EvidenceKindName.Of(accepted.Kind)}: nothing would ever be released to it");
    }

    private static ImmutableSortedDictionary<EvidenceKind, VerificationPolicy> ReadPlatforms(JsonElement root) =>
        root.Need("platforms", JsonValueKind.Object).EnumerateObject().ToImmutableSortedDictionary(
            member => MeasuredSets.KindOf(member.Name),
            member => PolicyDocument.ReadPlatform(member.Value, MeasuredSets.KindOf(member.Name)));

    private static ManifestRevocations ReadRevoked(JsonElement revoked)
    {
        revoked.Only("revoked", ManifestMembers.Revoked);
        return new ManifestRevocations
        {
            Job = Flag(revoked, "job"),
            Measurements = Distinct(revoked, "measurements", ManifestLimits.ValueBytesMin, ManifestLimits.ValueBytesMax),
            Chips = Distinct(revoked, "chips", ManifestLimits.ChipBytesMin, ManifestLimits.ValueBytesMax),
        };
    }

    private static UpdateRule ReadUpdate(JsonElement update)
    {
        update.Only("update", ManifestMembers.Update);
        ImmutableArray<ManifestSigner> signers = update.Each("signers", ManifestLimits.SignersMax, signer =>
        {
            signer.Only("a signer", ManifestMembers.Signer);
            return new ManifestSigner(NonEmpty(signer, "name"), Key(signer, "key"));
        });
        int threshold = update.Number("threshold", ManifestLimits.SignersMax);
        if (threshold > signers.Length || (threshold == 0) != signers.IsEmpty)
        {
            throw new JsonException($"update: a threshold of {threshold} with {signers.Length} signers; it is 0 without signers, else from 1 to their number");
        }

        return signers.Select(s => s.Name).Distinct(StringComparer.Ordinal).Count() == signers.Length
            && signers.Select(s => Convert.ToHexString(s.Key.AsSpan())).Distinct().Count() == signers.Length
            ? new UpdateRule(threshold, signers)
            : throw new JsonException("update: two signers have one name or one key");
    }

    private static ImmutableArray<string> Distinct(JsonElement from, string name, int bytesMin, int bytesMax)
    {
        from.Need(name, JsonValueKind.Array);
        ImmutableArray<string> entries = from.Texts(name, ManifestLimits.EntriesMax);
        foreach (string entry in entries)
        {
            MeasuredSets.CheckHex(entry, name, bytesMin, bytesMax);
        }

        return entries.Distinct().Count() == entries.Length ? entries : throw new JsonException($"{name} has an entry twice");
    }

    private static ImmutableArray<byte> Key(JsonElement from, string name)
    {
        ImmutableArray<byte> key = Base64(from, name, 1, KeyBytesMax);
        return ManifestSigning.IsKey(key) ? key : throw new JsonException($"{name} is no public key on P-256 (SubjectPublicKeyInfo)");
    }

    private static ImmutableArray<byte> Base64(JsonElement from, string name, int bytesMin, int bytesMax)
    {
        string text = from.Text(name);
        byte[] bytes = text.Length <= ((bytesMax + 2) / 3 * 4) ? Convert.FromBase64String(text) : [];
        return bytes.Length >= bytesMin && bytes.Length <= bytesMax && Convert.ToBase64String(bytes) == text
            ? [.. bytes]
            : throw new JsonException($"{name} is not base64 of {bytesMin} to {bytesMax} bytes");
    }

    private static string NonEmpty(JsonElement from, string name) =>
        from.Text(name) is { Length: > 0 and <= ManifestLimits.TextMax } text
            ? text
            : throw new JsonException($"{name} is empty or has over {ManifestLimits.TextMax} characters");

    private static bool Flag(JsonElement from, string name) => from.GetProperty(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new JsonException($"{name} is neither true nor false"),
    };

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
