using System.Text;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>A JSON text that Intel signed, byte for byte, and its signature (r and s, 64 bytes).</summary>
internal sealed record IntelSignedText(byte[] Text, byte[] Signature)
{
    /// <summary>
    /// Reads a text and its signature beside it (<c>tcb_info</c>, <c>tcb_info_signature</c>), or Intel's whole answer, in which
    /// both are members (<c>{"tcbInfo":{…},"signature":"…"}</c>), as a text or as an object.
    /// </summary>
    internal static IntelSignedText Read(JsonElement root, string name, string camelCase, string member)
    {
        string used = root.TryGetProperty(name, out _) || !root.TryGetProperty(camelCase, out _) ? name : camelCase;
        if (root.TryGetProperty(used, out JsonElement value) && value.ValueKind == JsonValueKind.Object)
        {
            return OfAnswer(value, member);
        }

        string text = root.Text(used);
        string signature = used == name ? $"{name}_signature" : $"{camelCase}Signature";
        if (root.TryGetProperty(signature, out _) || !text.Contains("\"signature\"", StringComparison.Ordinal))
        {
            return new IntelSignedText(Encoding.UTF8.GetBytes(text), root.Hex(signature, 64));
        }

        using JsonDocument answer = JsonFields.Open(Encoding.UTF8.GetBytes(text));
        return OfAnswer(answer.RootElement, member);
    }

    /// <summary>An answer of Intel's provisioning certification service: what is signed is the member's text as it stands there.</summary>
    internal static IntelSignedText OfAnswer(JsonElement answer, string member) =>
        new(Encoding.UTF8.GetBytes(answer.Need(member, JsonValueKind.Object).GetRawText()), answer.Hex("signature", 64));
}
