using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Culvert.Attestation.Tests.Forge;

namespace Culvert.Attestation.Tests.Proofs;

public class ProofDocumentTests
{
    [Theory]
    [InlineData(EvidenceKind.Simulation)]
    [InlineData(EvidenceKind.Tdx)]
    public void It_is_read_as_it_was_written(EvidenceKind kind)
    {
        using ProofForge forge = new(kind) { Versions = 2, IsSealed = true };
        Proof proof = Stamped(forge);
        byte[] written = ProofDocument.Write(proof);

        Outcome<Proof> read = ProofDocument.Read(written);

        Assert.Null(read.Failure);
        Assert.Equal(written, ProofDocument.Write(read.Value));
        Assert.Equal(proof.Digest(), read.Value.Digest());
        Assert.NotEqual(ProofStatus.Fails, forge.Verify(read.Value, ProofForge.Claim(ProofForge.Rows)).Status);
    }

    [Fact]
    public void White_space_order_and_escapes_do_not_matter()
    {
        using ProofForge forge = new();
        Proof proof = forge.Make();
        JsonNode root = JsonNode.Parse(ProofDocument.Write(proof))!;
        JsonObject reversed = [.. root.AsObject().Reverse().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))];

        Outcome<Proof> read = ProofDocument.Read(Encoding.UTF8.GetBytes(reversed.ToJsonString().Replace("flights", "f\\u006cights", StringComparison.Ordinal)));

        Assert.Null(read.Failure);
        Assert.Equal(proof.Digest(), read.Value.Digest());
    }

    [Fact]
    public void The_digest_is_the_same_without_time_stamps_and_salt_and_another_for_anything_else()
    {
        using ProofForge forge = new();
        Proof proof = Stamped(forge);
        byte[] digest = proof.Digest();

        Assert.Equal(digest, (proof with { OwnerTimestamps = [], TimestampTokens = [], Salt = [] }).Digest());
        Assert.NotEqual(digest, (proof with { Columns = [] }).Digest());
        Assert.NotEqual(digest, (proof with { Job = "x" }).Digest());
        Assert.NotEqual(digest, (proof with { Statements = [] }).Digest());
    }

    public static TheoryData<string, string> Flaws => new()
    {
        { "another mark", "culvert is not 'proof 1'" },
        { "a member more", "has a member more" },
        { "a member less", "has no inputs" },
        { "a member more in an enclave", "has a member more" },
        { "a member more in a binding", "a member is not known" },
        { "a member more in a manifest", "has a member more" },
        { "a member twice", "manifests" },
        { "upper case", "not in its one form" },
        { "loose base64", "is not base64 of 1 to 65536 bytes" },
        { "a time in another form", "is not a time" },
        { "null", "is null" },
        { "a statement that is none", "a statement of the result cannot be read" },
        { "no object", "not an object" },
        { "cut", "proof.format" },
        { "something behind", "proof.format" },
    };

    [Theory]
    [MemberData(nameof(Flaws))]
    public void A_document_that_breaks_a_rule_is_refused(string flaw, string why)
    {
        using ProofForge forge = new();
        Proof proof = Stamped(forge);
        string text = Encoding.UTF8.GetString(ProofDocument.Write(proof));
        JsonNode root = JsonNode.Parse(text)!;
        string changed = flaw switch
        {
            "another mark" => Change(() => root["culvert"] = "proof 2"),
            "a member more" => Change(() => root["more"] = 1),
            "a member less" => Change(() => root.AsObject().Remove("inputs")),
            "a member more in an enclave" => Change(() => root["enclaves"]![0]!["more"] = 1),
            "a member more in a binding" => Change(() => root["enclaves"]![0]!["binding"]!["more"] = 1),
            "a member more in a manifest" => Change(() => root["manifests"]![0]!["more"] = 1),
            "a member twice" => text.Replace("\"manifests\":", "\"manifests\": [], \"manifests\":", StringComparison.Ordinal),
            "upper case" => Change(() => root["plan"] = root["plan"]!.GetValue<string>().ToUpperInvariant()),
            "loose base64" => Change(() => root["timestamps"]!["tokens"]![0] = "AQF="),
            "a time in another form" => Change(() => root["timestamps"]!["owner"]![0]!["at"] = "2030-01-02"),
            "null" => Change(() => root["result"]!["salt"] = null),
            "a statement that is none" => Change(() => root["statements"]![0]!["statement"] = "AAAA"),
            "no object" => "[]",
            "cut" => text[..(text.Length / 2)],
            _ => text + "{}",
        };

        Assert.Contains(why, ProofDocument.Read(Encoding.UTF8.GetBytes(changed)).Failure?.Message, StringComparison.Ordinal);

        string Change(Action change)
        {
            change();
            return root.ToJsonString();
        }
    }

    [Fact]
    public void A_document_over_its_limit_is_refused_before_it_is_read() =>
        Assert.Equal(FailureKind.TooLarge, ProofDocument.Read(new byte[ProofLimits.BytesMax + 1]).Failure?.Kind);

    [Fact]
    public void The_published_schema_has_the_members_of_the_reader()
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllBytes(Manifests.RepositoryFolder.Of("docs", "proof.schema.json")));
        JsonElement definitions = schema.RootElement.GetProperty("$defs");

        AssertMembers(schema.RootElement, ProofMembers.Document, []);
        AssertMembers(definitions.GetProperty("enclave"), ProofMembers.Enclave, []);
        AssertMembers(definitions.GetProperty("statement"), ProofMembers.Statement, []);
        AssertMembers(definitions.GetProperty("input"), ProofMembers.Input, ProofMembers.InputMayLack);
        AssertMembers(definitions.GetProperty("result"), ProofMembers.Result, ProofMembers.ResultMayLack);
        AssertMembers(definitions.GetProperty("column"), ProofMembers.Column, []);
        AssertMembers(definitions.GetProperty("timestamps"), ProofMembers.Timestamps, []);
        AssertMembers(definitions.GetProperty("ownerTimestamp"), ProofMembers.OwnerTimestamp, []);
        using ProofForge forge = new();
        using JsonDocument written = JsonDocument.Parse(ProofDocument.Write(forge.Make()));
        Assert.Equal(
            definitions.GetProperty("binding").GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(),
            written.RootElement.GetProperty("enclaves")[0].GetProperty("binding").EnumerateObject().Select(p => p.Name).Order());
    }

    /// <summary>A byte of a proof's document changed: it never holds, unless it was white space and still is.</summary>
    [Theory]
    [InlineData(EvidenceKind.Simulation, 29)]
    [InlineData(EvidenceKind.Sgx, 499)]
    public void A_changed_byte_never_holds(EvidenceKind kind, int everyRunStride)
    {
        using ProofForge forge = new(kind) { IsSealed = true };
        Proof proof = forge.Make();
        byte[] document = ProofDocument.Write(proof with { OwnerTimestamps = [OwnerTimestamp.Sign(proof, CertificateForge.Now, forge.OwnerKey)] });
        ResultClaim claim = ProofForge.Claim(ProofForge.Rows);
        bool[] isSpace = SpaceBetweenTokens(document);
        List<string> held = [];
        for (int i = 0; i < document.Length; i += Nightly.Count(everyRunStride, 1))
        {
            foreach (byte mask in Nightly.IsOn ? new byte[] { 1, 2, 4, 8, 16, 32, 64, 128 } : [(byte)(1 << (i % 8)), 0x2A])
            {
                document[i] ^= mask;
                Outcome<Proof> read = ProofDocument.Read(document);
                bool holds = read.Succeeded && forge.Verify(read.Value, claim).Status != ProofStatus.Fails;
                if (holds && !(isSpace[i] && IsSpace(document[i])))
                {
                    held.Add(string.Create(CultureInfo.InvariantCulture, $"{i}^{mask:x2}: {Encoding.UTF8.GetString(document.AsSpan(Math.Max(0, i - 20), Math.Min(40, document.Length - i)))}"));
                }

                document[i] ^= mask;
            }
        }

        Assert.Empty(held);
        Assert.NotEqual(ProofStatus.Fails, forge.Verify(ProofDocument.Read(document).Value, claim).Status);
    }

    [Fact]
    public void Mutated_documents_are_refused_or_read_and_nothing_is_thrown()
    {
        using ProofForge forge = new();
        byte[] document = ProofDocument.Write(forge.Make());
        for (ulong seed = 1; seed <= (ulong)Nightly.Count(300, 20_000); seed++)
        {
            Outcome<Proof> read = ProofDocument.Read(new Mutation(seed).Of(document));
            if (read.Succeeded)
            {
                _ = forge.Verify(read.Value);
            }
        }
    }

    private static Proof Stamped(ProofForge forge)
    {
        Proof proof = forge.Make();
        return proof with
        {
            OwnerTimestamps = [OwnerTimestamp.Sign(proof, CertificateForge.Now, forge.OwnerKey)],
            TimestampTokens = [[1, 2]],
        };
    }

    private static void AssertMembers(JsonElement schema, ImmutableArray<string> members, ImmutableArray<string> mayLack)
    {
        Assert.Equal(members.Order(), schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order());
        Assert.Equal(members.Except(mayLack).Order(), schema.GetProperty("required").EnumerateArray().Select(e => e.GetString()!).Order());
        Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
    }

    private static bool[] SpaceBetweenTokens(byte[] document)
    {
        bool[] isSpace = new bool[document.Length];
        bool inText = false;
        for (int i = 0; i < document.Length; i++)
        {
            inText ^= document[i] == '"' && (i == 0 || document[i - 1] != '\\');
            isSpace[i] = !inText && IsSpace(document[i]);
        }

        return isSpace;
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';
}
