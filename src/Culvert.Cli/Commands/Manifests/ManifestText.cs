using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Cli.Output;
using Culvert.Streams;

namespace Culvert.Cli.Commands.Manifests;

/// <summary>A manifest for people: what is allowed, to which code, and what is refused.</summary>
internal static class ManifestText
{
    private static readonly Field[] s_columns =
    [
        new("id", new ColumnType(ValueKind.Int32)), new("stage", new ColumnType(ValueKind.Text)), new("edges", new ColumnType(ValueKind.Text)), new("other keys", new ColumnType(ValueKind.Text)), new("activations", new ColumnType(ValueKind.Text)),
    ];

    internal static void Write(TextWriter output, string path, ImmutableArray<SignedManifest> versions, ManifestRefusal? refusal, SignedManifest? proposed)
    {
        SignedManifest signed = versions[^1];
        Manifest manifest = signed.Manifest;
        output.WriteLine($"{Clean(manifest.Job)}, version {manifest.Version}, epoch {manifest.Epoch.Value}");
        Line("plan", manifest.Plan.ToString());
        Line("digest", Convert.ToHexStringLower(signed.Digest.AsSpan()));
        Line("valid", $"{Time(manifest.NotBefore)} to {Time(manifest.NotAfter)}");
        Line("owner", KeyName(manifest.OwnerKey));
        Line("signed by", signed.Signatures.IsEmpty ? "nobody" : string.Join(", ", signed.Signatures.Select(s => SignerName(versions, s.Key))));
        Line("next version", manifest.Update.Threshold == 0
            ? "signed by the owner"
            : $"signed by {manifest.Update.Threshold} of {string.Join(", ", manifest.Update.Signers.Select(s => Clean(s.Name)))}");
        Line("inputs", manifest.Inputs is not { } inputs ? "any sealed file of the owner's"
            : inputs.IsEmpty ? "none" : $"the sealed {(inputs.Length == 1 ? "file" : "files")} {string.Join(", ", inputs)}");
        Line("simulation", manifest.AllowSimulation ? "ALLOWED: enclaves that no hardware protects get keys" : "not allowed: enclaves without hardware get no key");
        Line("state", refusal is null ? "authorised and valid now" : $"REFUSED: {refusal}");
        if (proposed is not null)
        {
            (int counted, int needed) = ManifestVerification.Count(proposed, manifest.Update);
            Line("proposed", $"version {proposed.Manifest.Version}, with {counted} of {needed} signatures ({path}{ManifestFile.ProposedSuffix})");
        }

        WriteStages(output, manifest);
        WriteCode(output, manifest);
        WriteRefused(output, manifest);

        void Line(string name, string text) => output.WriteLine($"  {name,-13} {text}");
    }

    /// <summary>A public key's name: the first half of its SHA-256.</summary>
    internal static string KeyName(ImmutableArray<byte> key) => $"key {Convert.ToHexStringLower(SHA256.HashData(key.AsSpan()))[..32]}";

    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string SignerName(ImmutableArray<SignedManifest> versions, ImmutableArray<byte> key) =>
        key.AsSpan().SequenceEqual(versions[0].Manifest.OwnerKey.AsSpan()) ? "the owner"
        : versions.Length > 1 && versions[^2].Manifest.Update.Signers.FirstOrDefault(s => s.Key.AsSpan().SequenceEqual(key.AsSpan())) is { } signer ? Clean(signer.Name)
        : KeyName(key);

    private static void WriteStages(TextWriter output, Manifest manifest)
    {
        output.WriteLine("\nStages, and the keys that code may hold for them (* sends by key)\n");
        TextTable.Write(output, s_columns, [.. manifest.Stages.Select(stage => new[]
        {
            stage.Id.Value.ToString(CultureInfo.InvariantCulture),
            stage.Name,
            string.Join(' ', stage.Edges.Select(edge => $"{edge.Id.Value}{(edge.DispatchesByKey ? "*" : "")}")),
            string.Join(", ", OtherKeys(stage)),
            stage.ActivationsMax == 0 ? "any" : $"at most {stage.ActivationsMax}",
        })]);
    }

    private static IEnumerable<string> OtherKeys(ManifestStage stage)
    {
        yield return "reports";
        if (stage.HoldsState)
        {
            yield return "state";
        }

        if (stage.ReadsInputs)
        {
            yield return "inputs";
        }

        if (stage.WritesResult)
        {
            yield return "result";
        }
    }

    private static void WriteCode(TextWriter output, Manifest manifest)
    {
        output.WriteLine("\nCode\n");
        foreach (IGrouping<string, ManifestStage> same in manifest.Stages.GroupBy(stage => string.Join('\n', stage.Accepted.Select(Describe))))
        {
            string names = string.Join(", ", same.Select(stage => Clean(stage.Name)));
            output.WriteLine($"  {(same.Count() == manifest.Stages.Length && same.Count() > 1 ? "all stages" : names)}:");
            foreach (string line in same.Key.Split('\n'))
            {
                output.WriteLine($"    {line}");
            }
        }

        output.WriteLine("\nPlatforms (every other kind is refused)\n");
        foreach ((EvidenceKind kind, VerificationPolicy policy) in manifest.Platforms)
        {
            string least = kind == EvidenceKind.Simulation ? "no hardware at all" : "genuine and current";
            output.WriteLine($"  {EvidenceKindName.Of(kind)}: {string.Join("; ", Rules(policy).Prepend(least))}");
        }
    }

    private static string Describe(AcceptedMeasurement set) =>
        $"{EvidenceKindName.Of(set.Kind)} {string.Join(' ', set.Values.Select(v => $"{v.Key}={v.Value}"))}{(set.Description.Length == 0 ? "" : $" ({Clean(set.Description)})")}";

    private static IEnumerable<string> Rules(VerificationPolicy policy)
    {
        if (!policy.AcceptedTcbStatuses.IsEmpty)
        {
            yield return $"TCB {string.Join(", ", policy.AcceptedTcbStatuses)} too, with no advisories but {(policy.ToleratedAdvisories.IsEmpty ? "none" : string.Join(", ", policy.ToleratedAdvisories))}";
        }

        if (policy.MinimumTcbEvaluationDataNumber > 0)
        {
            yield return $"TCB evaluation {policy.MinimumTcbEvaluationDataNumber} or later";
        }

        if (policy.MinimumIsvSvn > 0)
        {
            yield return $"ISVSVN {policy.MinimumIsvSvn} or more";
        }

        if (!policy.MinimumSnpTcb.IsEmpty)
        {
            yield return $"TCB of at least {string.Join(", ", policy.MinimumSnpTcb.Select(part => $"{part.Key} {part.Value}"))}";
        }

        if (policy.MaximumVmpl < 3)
        {
            yield return $"VMPL {policy.MaximumVmpl} or less";
        }

        if (policy.AllowMigrationAgent)
        {
            yield return "a migration agent is allowed";
        }

        if (!policy.ChipIds.IsEmpty)
        {
            yield return $"{policy.ChipIds.Length} chips only";
        }

        if (!policy.RevokedChipIds.IsEmpty)
        {
            yield return $"{policy.RevokedChipIds.Length} chips refused";
        }

        if (policy.RequireAmdRevocations)
        {
            yield return "AMD's revocation list is needed";
        }

        if (!policy.TpmRoots.IsEmpty)
        {
            yield return $"TPM keys certified by {policy.TpmRoots.Length} named authorities";
        }

        if (!policy.SimulationKeys.IsEmpty)
        {
            yield return $"development {string.Join(", ", policy.SimulationKeys.Select(key => KeyName([.. key.Span])))}";
        }
    }

    private static void WriteRefused(TextWriter output, Manifest manifest)
    {
        ManifestRevocations revoked = manifest.Revoked;
        if (!revoked.Job && revoked.Measurements.IsEmpty && revoked.Chips.IsEmpty)
        {
            return;
        }

        output.WriteLine("\nRevoked\n");
        if (revoked.Job)
        {
            output.WriteLine("  THE JOB: nothing is released any more");
        }

        foreach (string line in revoked.Measurements.Select(m => $"measurement {m}").Concat(revoked.Chips.Select(c => $"chip {c}")))
        {
            output.WriteLine($"  {line}");
        }
    }

    // What a file holds is not trusted to steer a terminal.
    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
