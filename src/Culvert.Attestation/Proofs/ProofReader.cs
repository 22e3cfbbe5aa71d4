using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>Reads the members of a proof, and refuses what breaks a rule of docs/specs/proof.md by <see cref="JsonException"/>.</summary>
internal static class ProofReader
{
    internal static Proof Read(JsonElement root)
    {
        root.Only("the document", ProofMembers.Document);
        if (root.Text("culvert") != ProofDocument.Mark)
        {
            throw new JsonException($"culvert is not '{ProofDocument.Mark}'");
        }

        JsonElement result = root.Need("result", JsonValueKind.Object).Only("result", ProofMembers.Result, ProofMembers.ResultMayLack);
        JsonElement timestamps = root.Need(ProofDocument.Timestamps, JsonValueKind.Object).Only(ProofDocument.Timestamps, ProofMembers.Timestamps);
        return new Proof
        {
            Job = Bounded(root, "job"),
            Plan = PlanDigest.FromBytes(root.Hex("plan", PlanDigest.SizeBytes)),
            Run = new RunId(Id(root, "run")),
            Manifests = root.Each("manifests", ProofLimits.ManifestsMax, ReadManifest),
            Enclaves = root.Each("enclaves", ProofLimits.EnclavesMax, ReadEnclave),
            Statements = root.Each("statements", ProofLimits.StatementsMax, ReadStatement),
            Inputs = ReadInputs(root),
            Columns = result.Each("columns", ProofLimits.ColumnsMax, ReadColumn),
            Salt = result.TryGetProperty("salt", out _) ? [.. result.Hex("salt", ResultDigestBuilder.SaltBytes)] : [],
            Sealed = result.TryGetProperty("sealed", out _) ? EndDigest.FromBytes(result.Hex("sealed", EndDigest.SizeBytes)) : null,
            OwnerTimestamps = timestamps.Each("owner", ProofLimits.TimestampsMax, ReadOwnerTimestamp),
            TimestampTokens = timestamps.Each("tokens", ProofLimits.TimestampsMax, token => Base64(token, "a token", 1, ProofLimits.TokenBytesMax)),
        };
    }

    private static SignedManifest ReadManifest(JsonElement element)
    {
        Outcome<SignedManifest> read = ManifestDocument.Read(Encoding.UTF8.GetBytes(element.GetRawText()));
        return read.Succeeded ? read.Value : throw new JsonException(read.Failure.Message);
    }

    private static EnclaveProof ReadEnclave(JsonElement element)
    {
        element.Only("an enclave", ProofMembers.Enclave);
        int left = ReleaseLimits.EvidenceBytesMax;
        return new EnclaveProof(
            ReleaseWire.ReadBinding(element.Need("binding", JsonValueKind.Object)),
            ReleaseWire.ReadFiles(element.Need("evidence", JsonValueKind.Object), ref left),
            ReleaseWire.ReadFiles(element.Need("collateral", JsonValueKind.Object), ref left),
            element.Text("result") is { Length: <= EarResult.CharactersMax } result
                ? result
                : throw new JsonException($"an attestation result has over {EarResult.CharactersMax} characters"));
    }

    private static SignedStatement ReadStatement(JsonElement element)
    {
        element.Only("a statement", ProofMembers.Statement);
        SignedStatement signed = new(
            Base64(element.GetProperty("statement"), "a statement", 1, ResultStatementCodec.BytesMax),
            Base64(element.GetProperty("signature"), "a statement's signature", SignedStatement.SignatureBytes, SignedStatement.SignatureBytes));
        return signed.Read() is { Failure: { } failure } ? throw new JsonException(failure.Message) : signed;
    }

    private static ImmutableArray<ProofInput> ReadInputs(JsonElement root)
    {
        int left = ReleaseLimits.HeaderBytesMax;
        return root.Each("inputs", ProofLimits.InputsMax, element =>
        {
            element.Only("an input", ProofMembers.Input, ProofMembers.InputMayLack);
            ImmutableArray<byte> header = Base64(element.GetProperty("header"), "an input's header", 1, left);
            left -= header.Length;
            return new ProofInput(
                new StreamId(Id(element, "stream")),
                header,
                element.TryGetProperty("digest", out _) ? EndDigest.FromBytes(element.Hex("digest", EndDigest.SizeBytes)) : null);
        });
    }

    private static ResultColumn ReadColumn(JsonElement element)
    {
        element.Only("a column", ProofMembers.Column);
        return new ResultColumn(Bounded(element, "name"), Bounded(element, "type"));
    }

    private static OwnerTimestamp ReadOwnerTimestamp(JsonElement element)
    {
        element.Only("a time stamp", ProofMembers.OwnerTimestamp);
        return new OwnerTimestamp(
            element.Time("at"), Base64(element.GetProperty("signature"), "a time stamp's signature", SignedStatement.SignatureBytes, SignedStatement.SignatureBytes));
    }

    private static UInt128 Id(JsonElement from, string name) => BinaryPrimitives.ReadUInt128BigEndian(from.Hex(name, 16));

    private static string Bounded(JsonElement from, string name) => from.Text(name) is { Length: <= ProofLimits.TextMax } text
        ? text
        : throw new JsonException($"{name} has over {ProofLimits.TextMax} characters");

    private static ImmutableArray<byte> Base64(JsonElement from, string name, int bytesMin, int bytesMax) =>
        from.ValueKind == JsonValueKind.String && from.TryGetBytesFromBase64(out byte[]? bytes) && bytes.Length >= bytesMin && bytes.Length <= bytesMax
            ? [.. bytes]
            : throw new JsonException($"{name} is not base64 of {bytesMin} to {bytesMax} bytes");
}
