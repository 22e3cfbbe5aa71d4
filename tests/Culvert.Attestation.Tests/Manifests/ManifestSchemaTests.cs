using System.Collections.Immutable;
using System.Text.Json;

namespace Culvert.Attestation.Tests.Manifests;

/// <summary>The published schema has the members, kinds and limits that the reader goes by.</summary>
public sealed class ManifestSchemaTests : IDisposable
{
    private readonly JsonDocument _schema = JsonDocument.Parse(File.ReadAllText(RepositoryFolder.Of("docs", "manifest.schema.json")));

    private static IEnumerable<EvidenceKind> Kinds => Enum.GetValues<EvidenceKind>().Where(kind => kind != EvidenceKind.Unknown);

    private JsonElement Root => _schema.RootElement;

    [Fact]
    public void Each_object_of_the_schema_has_the_members_that_the_reader_knows()
    {
        HasMembers(Root, ManifestMembers.Document, ManifestMembers.MayBeAbsent);
        HasMembers(Definition("stage"), ManifestMembers.Stage);
        HasMembers(Definition("edge"), ManifestMembers.Edge);
        HasMembers(Definition("revoked"), ManifestMembers.Revoked);
        HasMembers(Definition("update"), ManifestMembers.Update);
        HasMembers(Definition("signer"), ManifestMembers.Signer);
        HasMembers(Definition("signature"), ManifestMembers.Signature);
    }

    [Fact]
    public void The_schema_has_each_kind_with_its_measured_set_and_platform()
    {
        Assert.Equal(Names(Kinds.Select(EvidenceKindName.Of)), Names(Definition("platforms").GetProperty("properties").EnumerateObject().Select(p => p.Name)));
        Assert.Equal(Kinds.Count(), Definition("stage").GetProperty("properties").GetProperty("accepted").GetProperty("items").GetProperty("oneOf").GetArrayLength());
        foreach (EvidenceKind kind in Kinds)
        {
            JsonElement accepted = Definition($"accepted-{EvidenceKindName.Of(kind)}");
            HasMembers(accepted, ManifestMembers.Accepted);
            HasMembers(accepted.GetProperty("properties").GetProperty("values"), [.. MeasuredSets.NamesOf(kind)]);
            ImmutableArray<string> platform = ManifestMembers.Platform(kind);
            HasMembers(Definition($"platform-{EvidenceKindName.Of(kind)}"), platform, platform);
        }
    }

    [Fact]
    public void The_schema_has_the_readers_limits()
    {
        Assert.Equal(ManifestLimits.StagesMax, Property("stages").GetProperty("maxItems").GetInt32());
        Assert.Equal(ManifestLimits.SignaturesMax, Property("signatures").GetProperty("maxItems").GetInt32());
        Assert.Equal(ManifestLimits.EntriesMax, Property("inputs").GetProperty("maxItems").GetInt32());
        Assert.Equal(ManifestLimits.VersionsMax, Property("version").GetProperty("maximum").GetInt32());
        Assert.Equal(ManifestLimits.TextMax, Definition("text").GetProperty("maxLength").GetInt32());
        Assert.Equal(ManifestLimits.AcceptedMax, Definition("stage").GetProperty("properties").GetProperty("accepted").GetProperty("maxItems").GetInt32());
        Assert.Equal(ManifestLimits.EdgesMax, Definition("stage").GetProperty("properties").GetProperty("edges").GetProperty("maxItems").GetInt32());
        Assert.Equal(ManifestLimits.EdgeNumberMax, Definition("edge").GetProperty("properties").GetProperty("id").GetProperty("maximum").GetInt32());
        Assert.Equal(ManifestLimits.SignersMax, Definition("update").GetProperty("properties").GetProperty("signers").GetProperty("maxItems").GetInt32());
        Assert.Equal(ManifestDocument.Mark, Property("culvert").GetProperty("const").GetString());
    }

    [Fact]
    public void Every_reference_leads_to_a_definition_and_every_definition_is_referred_to()
    {
        SortedSet<string> references = new(StringComparer.Ordinal);
        Collect(Root, references);
        Assert.Equal(Names(Root.GetProperty("$defs").EnumerateObject().Select(d => d.Name)), references);
    }

    [Theory]
    [InlineData("good")]
    [InlineData("good-every-member")]
    public void What_is_written_has_no_member_that_the_schema_lacks(string vector)
    {
        using JsonDocument document = JsonDocument.Parse(ManifestDocument.Write(ManifestDocument.Read(ManifestVector.Read(vector).Versions[0]).Value));
        Fits(document.RootElement, Root, "");
    }

    public void Dispose() => _schema.Dispose();

    private static void HasMembers(JsonElement definition, ImmutableArray<string> members, ImmutableArray<string> mayBeAbsent = default)
    {
        Assert.False(definition.GetProperty("additionalProperties").GetBoolean());
        Assert.Equal(Names(members), Names(definition.GetProperty("properties").EnumerateObject().Select(p => p.Name)));
        IEnumerable<string> required = definition.TryGetProperty("required", out JsonElement list) ? list.EnumerateArray().Select(name => name.GetString()!) : [];
        Assert.Equal(Names(members.Where(m => mayBeAbsent.IsDefault || !mayBeAbsent.Contains(m))), Names(required));
    }

    private static void Collect(JsonElement value, SortedSet<string> references)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in value.EnumerateObject())
            {
                if (member.Name == "$ref")
                {
                    references.Add(member.Value.GetString()!["#/$defs/".Length..]);
                }

                Collect(member.Value, references);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement entry in value.EnumerateArray())
            {
                Collect(entry, references);
            }
        }
    }

    /// <summary>The parts of JSON Schema that say which members there are: types, members, items and choices.</summary>
    private void Fits(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            Fits(value, Definition(reference.GetString()!["#/$defs/".Length..]), path);
        }
        else if (schema.TryGetProperty("oneOf", out JsonElement choices))
        {
            JsonElement choice = choices.EnumerateArray().Select(c => Definition(c.GetProperty("$ref").GetString()!["#/$defs/".Length..]))
                .Single(c => c.GetProperty("properties").GetProperty("kind").GetProperty("const").GetString() == value.GetProperty("kind").GetString());
            Fits(value, choice, path);
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            Assert.Equal("object", schema.GetProperty("type").GetString());
            foreach (JsonProperty member in value.EnumerateObject())
            {
                Assert.True(schema.GetProperty("properties").TryGetProperty(member.Name, out JsonElement below), $"{path}.{member.Name}");
                Fits(member.Value, below, $"{path}.{member.Name}");
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            Assert.Equal("array", schema.GetProperty("type").GetString());
            foreach (JsonElement entry in value.EnumerateArray())
            {
                Fits(entry, schema.GetProperty("items"), path);
            }
        }
        else if (value.ValueKind == JsonValueKind.String && schema.TryGetProperty("pattern", out JsonElement pattern))
        {
            Assert.Matches(pattern.GetString()!, value.GetString()!);
        }
    }

    private JsonElement Definition(string name) => Root.GetProperty("$defs").GetProperty(name);

    private JsonElement Property(string name) => Root.GetProperty("properties").GetProperty(name);

    private static SortedSet<string> Names(IEnumerable<string> names) => new(names, StringComparer.Ordinal);
}
