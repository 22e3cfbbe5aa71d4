using System.Collections.Immutable;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// Reads a policy from JSON; members are those of <see cref="VerificationPolicy"/> in camel case and listed in
/// <c>docs/specs/attestation.md</c>. A member that is not known is refused, since it may have been meant to forbid something.
/// </summary>
public static class PolicyDocument
{
    /// <summary>Bytes of the longest policy.</summary>
    public const int BytesMax = 1024 * 1024;

    private const int EntriesMax = 4096;

    private static readonly string[] s_snpParts = ["fmc", "bootloader", "tee", "snp", "microcode"];

    private static readonly string[] s_members =
    [
        "kinds", "measurements", "reportData", "acceptedTcbStatuses", "toleratedAdvisories", "minimumTcbEvaluationDataNumber",
        "minimumIsvSvn", "minimumSnpTcb", "maximumVmpl", "allowMigrationAgent", "chipIds", "revokedChipIds",
        "requireAmdRevocations", "tpmRoots", "simulationKeys",
    ];

    /// <summary>Members that choose what is accepted: an empty choice is a mistake.</summary>
    private static readonly ImmutableArray<string> s_choices =
        ["kinds", "measurements", "reportData", "minimumSnpTcb", "chipIds", "tpmRoots", "simulationKeys"];

    /// <summary>Reads a policy; refuses what is malformed, unknown, contradictory or too long.</summary>
    public static Outcome<VerificationPolicy> Parse(ReadOnlyMemory<byte> text) => text.Length > BytesMax
        ? new Failure(FailureKind.TooLarge, $"policy: {text.Length} bytes; at most {BytesMax} are read")
        : JsonFields.Read(text, "policy", Read);

    /// <summary>Reads what a manifest asks of a kind's platforms (docs/specs/manifest.md); refuses a member that means nothing for the kind.</summary>
    public static Outcome<VerificationPolicy> ParsePlatform(ReadOnlyMemory<byte> text, EvidenceKind kind) => text.Length > BytesMax
        ? new Failure(FailureKind.TooLarge, $"policy: {text.Length} bytes; at most {BytesMax} are read")
        : JsonFields.Read(text, "policy", root => ReadPlatform(root, kind));

    private static VerificationPolicy Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("it is no object");
        }

        if (root.EnumerateObject().FirstOrDefault(member => !s_members.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            throw new JsonException($"member {unknown.Name} is not known; there are {string.Join(", ", s_members)}");
        }

        RefuseWhatSaysNothing(root);
        VerificationPolicy policy = ReadMembers(root);
        RefuseWhatNothingFulfils(policy);
        return policy;
    }

    /// <summary>A member that is null or an empty choice would accept everything, which is not what its writer means.</summary>
    private static void RefuseWhatSaysNothing(JsonElement root)
    {
        foreach (JsonProperty member in root.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                throw new JsonException($"{member.Name} is null; leave it out where it is not meant to say anything");
            }

            if (s_choices.Contains(member.Name)
                && (member.Value is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 0
                    || member.Value is { ValueKind: JsonValueKind.Object } entries && !entries.EnumerateObject().Any()
                    || member.Value is { ValueKind: JsonValueKind.String } text && text.ValueEquals("")))
            {
                throw new JsonException($"{member.Name} is empty, so that nothing could fulfil it; leave it out to accept everything");
            }
        }

        if (root.TryGetProperty("measurements", out JsonElement measurements) && measurements.ValueKind == JsonValueKind.Object
            && measurements.EnumerateObject().FirstOrDefault(entry => entry.Value.ValueKind == JsonValueKind.Null
                || (entry.Value.ValueKind == JsonValueKind.Array && entry.Value.GetArrayLength() == 0)) is { Value.ValueKind: not JsonValueKind.Undefined } none)
        {
            throw new JsonException($"measurements: {none.Name} names no value");
        }
    }

    private static void RefuseWhatNothingFulfils(VerificationPolicy policy)
    {
        if (policy.ChipIds.FirstOrDefault(policy.RevokedChipIds.Contains) is { } chip)
        {
            throw new JsonException($"chip {chip} is both in chipIds and in revokedChipIds");
        }

        if (policy.TpmRoots.Any(root => !Certificate.Parse(root, "root").Succeeded))
        {
            throw new JsonException("tpmRoots holds something other than a certificate (DER, in base64)");
        }

        if (policy.SimulationKeys.Any(key => !PublicKey.OfSubjectPublicKeyInfo(key).Succeeded))
        {
            throw new JsonException("simulationKeys holds something other than a public key (DER, in base64)");
        }
    }

    /// <summary>Reads what a manifest asks of a kind's platforms: the members that mean something for the kind, each only where it says something.</summary>
    internal static VerificationPolicy ReadPlatform(JsonElement platform, EvidenceKind kind)
    {
        ImmutableArray<string> members = ManifestMembers.Platform(kind);
        return ReadMembers(platform.Only($"the platform {EvidenceKindName.Of(kind)}", members, mayBeAbsent: members));
    }

    /// <summary>Writes a policy but its kinds, measurements and report data, and without members that say nothing.</summary>
    internal static void WritePlatform(Utf8JsonWriter json, VerificationPolicy policy)
    {
        json.WriteStartObject();
        WriteTexts(json, "acceptedTcbStatuses", policy.AcceptedTcbStatuses);
        WriteTexts(json, "toleratedAdvisories", policy.ToleratedAdvisories);
        WriteNumber(json, "minimumTcbEvaluationDataNumber", policy.MinimumTcbEvaluationDataNumber, 0);
        WriteNumber(json, "minimumIsvSvn", policy.MinimumIsvSvn, 0);
        if (!policy.MinimumSnpTcb.IsEmpty)
        {
            json.WriteStartObject("minimumSnpTcb");
            foreach ((string part, int least) in policy.MinimumSnpTcb)
            {
                json.WriteNumber(part, least);
            }

            json.WriteEndObject();
        }

        WriteNumber(json, "maximumVmpl", policy.MaximumVmpl, 3);
        WriteFlag(json, "allowMigrationAgent", policy.AllowMigrationAgent);
        WriteTexts(json, "chipIds", policy.ChipIds);
        WriteTexts(json, "revokedChipIds", policy.RevokedChipIds);
        WriteFlag(json, "requireAmdRevocations", policy.RequireAmdRevocations);
        WriteTexts(json, "tpmRoots", [.. policy.TpmRoots.Select(root => Convert.ToBase64String(root.Span))]);
        WriteTexts(json, "simulationKeys", [.. policy.SimulationKeys.Select(key => Convert.ToBase64String(key.Span))]);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        if (!texts.IsEmpty)
        {
            ManifestWriter.WriteTexts(json, name, texts);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int number, int otherwise)
    {
        if (number != otherwise)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void WriteFlag(Utf8JsonWriter json, string name, bool flag)
    {
        if (flag)
        {
            json.WriteBoolean(name, true);
        }
    }

    private static VerificationPolicy ReadMembers(JsonElement root) =>
        new()
        {
            Kinds = [.. root.Texts("kinds", 16).Select(KindOf)],
            Measurements = ReadMeasurements(root),
            ReportData = ReadReportData(root),
            AcceptedTcbStatuses = [.. root.Texts("acceptedTcbStatuses", 16).Select(StatusOf)],
            ToleratedAdvisories = root.Texts("toleratedAdvisories", EntriesMax),
            MinimumTcbEvaluationDataNumber = Number(root, "minimumTcbEvaluationDataNumber", 0, int.MaxValue),
            MinimumIsvSvn = Number(root, "minimumIsvSvn", 0, ushort.MaxValue),
            MinimumSnpTcb = ReadSnpTcb(root),
            MaximumVmpl = Number(root, "maximumVmpl", 3, 3),
            AllowMigrationAgent = Flag(root, "allowMigrationAgent"),
            ChipIds = [.. root.Texts("chipIds", EntriesMax).Select(id => Hex(id, "chipIds", 64))],
            RevokedChipIds = [.. root.Texts("revokedChipIds", EntriesMax).Select(id => Hex(id, "revokedChipIds", 64))],
            RequireAmdRevocations = Flag(root, "requireAmdRevocations"),
            TpmRoots = [.. root.Texts("tpmRoots", 64).Select(text => Base64(text, "tpmRoots"))],
            SimulationKeys = [.. root.Texts("simulationKeys", 64).Select(text => Base64(text, "simulationKeys"))],
        };

    private static ImmutableSortedDictionary<string, ImmutableArray<string>> ReadMeasurements(JsonElement root)
    {
        if (root.Find("measurements", JsonValueKind.Object) is not { } from)
        {
            return ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;
        }

        return from.EnumerateObject().ToImmutableSortedDictionary(
            member => member.Name,
            member => member.Value.ValueKind == JsonValueKind.String
                ? [Value(member.Value.GetString()!, member.Name)]
                : ImmutableArray.CreateRange(from.Texts(member.Name, EntriesMax).Select(value => Value(value, member.Name))),
            StringComparer.Ordinal);
    }

    private static string Value(string text, string name) =>
        text.Length > 0 && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : throw new JsonException($"{name} is not hexadecimal");

    private static ImmutableSortedDictionary<string, int> ReadSnpTcb(JsonElement root) =>
        root.Find("minimumSnpTcb", JsonValueKind.Object) is { } from
            ? from.EnumerateObject().ToImmutableSortedDictionary(
                member => s_snpParts.Contains(member.Name) ? member.Name : throw new JsonException($"minimumSnpTcb has no {member.Name}; there are {string.Join(", ", s_snpParts)}"),
                member => from.Number(member.Name, byte.MaxValue),
                StringComparer.Ordinal)
            : ImmutableSortedDictionary<string, int>.Empty;

    private static ImmutableArray<byte> ReadReportData(JsonElement root) =>
        root.Find("reportData", JsonValueKind.String) is { } text ? [.. JsonFields.OfHex(text.GetString()!, "reportData")] : [];

    private static int Number(JsonElement root, string name, int otherwise, int max) =>
        root.Find(name, JsonValueKind.Number) is null ? otherwise : root.Number(name, max);

    private static bool Flag(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out JsonElement value))
        {
            return false;
        }

        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new JsonException($"{name} is neither true nor false"),
        };
    }

    private static EvidenceKind KindOf(string name) =>
        EvidenceKindName.Parse(name) is var kind && kind != EvidenceKind.Unknown ? kind : throw new JsonException($"kind {name} is not known");

    private static string StatusOf(string name) =>
        Enum.TryParse(name, out TcbStatus status) && status.ToString() == name && status is not (TcbStatus.Revoked or TcbStatus.NotSupported)
            ? name
            : throw new JsonException($"TCB status {name} is not known, or can never be accepted");

    private static string Hex(string text, string name, int bytes) => Convert.ToHexStringLower(JsonFields.OfHex(text, name, bytes));

    private static ReadOnlyMemory<byte> Base64(string text, string name)
    {
        byte[] decoded = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, decoded, out int written)
            ? decoded.AsMemory(0, written)
            : throw new JsonException($"{name} holds something that is not in base64");
    }
}
