using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// Evidence within a JSON document, as services and agents send it: whatever of it is text or a list of byte values is looked at
/// by content, as files of a folder are. A TPM's quote is an object of <c>message</c>, <c>signature</c> and <c>pcrs</c>, since
/// neither of the last two tells by itself what it is. A member's name only has to be one that is used for such documents, so
/// that it cannot be altered unseen.
/// </summary>
internal sealed class EvidenceDocument
{
    /// <summary>Quotes, reports, certificates and registers are some dozens.</summary>
    private const int ValuesMax = 1024;

    /// <summary>Members that are evidence: what is named so has to be some, or else less would be verified than was sent.</summary>
    private static readonly FrozenSet<string> s_evidence =
    [
        "ak_public", "attestation", "attestation_doc", "attestation_document", "attestation_report", "attestationReport", "collateral",
        "hcl_report", "quote", "report", "td_quote", "tpm_quote", "vcek", "vcekCert", "vlek", "vlekCert",
    ];

    private static readonly FrozenSet<string> s_others =
    [
        "aa_eventlog", "additional_evidence", "ark", "ask", "cabundle", "cacheControl", "cc_eventlog", "cert_chain", "cert_type",
        "certificateChain", "data", "document", "event_log", "evidence", "format", "init_data", "kind", "message", "nonce", "pcrs",
        "platform", "primary_evidence", "report_data", "runtime_data", "signature", "tcbm", "tee", "type", "user_data", "version", "vm_config",
    ];

    private readonly List<(string Name, ReadOnlyMemory<byte> Part)> _parts = [];
    private readonly Func<string, ReadOnlyMemory<byte>, IEnumerable<(string Name, ReadOnlyMemory<byte> Part)>> _look;
    private int _values;

    private EvidenceDocument(Func<string, ReadOnlyMemory<byte>, IEnumerable<(string Name, ReadOnlyMemory<byte> Part)>> look) => _look = look;

    /// <summary>Whether the text may be such a document.</summary>
    internal static bool May(ReadOnlySpan<byte> text) => text.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] && text.Length <= Evidence.BytesMax;

    /// <summary>What the document holds, told apart by <paramref name="look"/>; nothing when it is none.</summary>
    internal static IEnumerable<(string Name, ReadOnlyMemory<byte> Part)> PartsOf(
        ReadOnlyMemory<byte> text, Func<string, ReadOnlyMemory<byte>, IEnumerable<(string Name, ReadOnlyMemory<byte> Part)>> look)
    {
        EvidenceDocument document = new(look);
        Outcome<bool> read = JsonFields.Read(text, "evidence", root => document.Walk(root));
        return read.Succeeded ? document._parts : [];
    }

    private bool Walk(JsonElement at)
    {
        if (++_values > ValuesMax)
        {
            throw new JsonException($"over {ValuesMax} values");
        }

        if (at.ValueKind == JsonValueKind.Object)
        {
            WalkObject(at);
        }
        else if (at.ValueKind == JsonValueKind.Array && BytesOf(at) is null)
        {
            foreach (JsonElement entry in at.EnumerateArray())
            {
                Walk(entry);
            }
        }
        else if (BytesOf(at) is { } content)
        {
            _parts.AddRange(_look("member", content));
        }

        return true;
    }

    private void WalkObject(JsonElement at)
    {
        if (IntelCollateral.Parse(Encoding.UTF8.GetBytes(at.GetRawText())).Succeeded)
        {
            _parts.Add((EvidenceFile.IntelCollateral, Encoding.UTF8.GetBytes(at.GetRawText())));
            return;
        }

        if (at.EnumerateObject().Count() <= 3 && at.TryGetProperty("message", out JsonElement message) && at.TryGetProperty("signature", out JsonElement signature)
            && BytesOf(message) is { } attest && TpmAttest.Parse(attest).Succeeded && BytesOf(signature) is { } signed)
        {
            AddQuote(attest, signed, at);
            return;
        }

        foreach (JsonProperty member in at.EnumerateObject())
        {
            WalkMember(member);
        }
    }

    private void WalkMember(JsonProperty member)
    {
        bool isEvidence = s_evidence.Contains(member.Name);
        if (!isEvidence && !s_others.Contains(member.Name))
        {
            throw new JsonException("a member that is not known");
        }

        int before = _parts.Count;
        if (member.Name == "ak_public" && BytesOf(member.Value) is { } key)
        {
            _parts.Add((EvidenceFile.AkPublicKey, key));
        }
        else
        {
            Walk(member.Value);
        }

        if (isEvidence && _parts.Count == before && member.Value.ValueKind != JsonValueKind.Null)
        {
            throw new JsonException($"{member.Name} is no evidence of a known kind");
        }
    }

    /// <summary>A TPM's own signature structure, or the bare RSA signature that Azure's vTPM is asked for.</summary>
    private void AddQuote(byte[] attest, byte[] signature, JsonElement quote)
    {
        bool isWhole = TpmSignature.Parse(signature).Succeeded;
        _parts.Add((isWhole ? EvidenceFile.TpmAttest : EvidenceFile.AzureTpmAttest, attest));
        _parts.Add((isWhole ? EvidenceFile.TpmSignature : EvidenceFile.AzureTpmSignature, signature));
        if (quote.TryGetProperty("pcrs", out JsonElement registers) && registers.ValueKind == JsonValueKind.Array
            && registers.GetArrayLength() <= PcrValues.RegistersMax)
        {
            string[] values = [.. registers.EnumerateArray().Select(value => BytesOf(value) is { } bytes ? Convert.ToHexStringLower(bytes) : "")];
            _parts.Add((EvidenceFile.Registers, JsonSerializer.SerializeToUtf8Bytes(values)));
        }
    }

    /// <summary>The bytes that a text in hexadecimal, base64 or PEM stands for, or a list of byte values; null when it is neither.</summary>
    private static byte[]? BytesOf(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            byte[] text = Encoding.UTF8.GetBytes(value.GetString()!);
            ReadOnlyMemory<byte> decoded = EvidenceText.Decode(text);
            return !decoded.Span.SequenceEqual(text) || text.AsSpan().StartsWith("-----BEGIN "u8) ? decoded.ToArray() : null;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > EvidenceFiles.FileBytesMax)
        {
            return null;
        }

        byte[] bytes = new byte[value.GetArrayLength()];
        int at = 0;
        foreach (JsonElement entry in value.EnumerateArray())
        {
            // In its plain form alone, so that no digit can be altered unseen.
            if (entry.ValueKind != JsonValueKind.Number || !entry.TryGetByte(out bytes[at])
                || entry.GetRawText() != bytes[at].ToString(CultureInfo.InvariantCulture))
            {
                return null;
            }

            at++;
        }

        return bytes;
    }
}
