using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>A bank's registers as <c>pcrs-sha256.json</c> lists them: an array from 0 on, or an object by index; lower-case hexadecimal.</summary>
internal static class PcrValues
{
    internal const int RegistersMax = 32;

    internal static Outcome<ImmutableSortedDictionary<int, byte[]>> Parse(ReadOnlyMemory<byte> text, TpmHash bank, string what) =>
        JsonFields.Read(text, what, root =>
        {
            IEnumerable<(int Index, JsonElement Value)> entries = root.ValueKind switch
            {
                JsonValueKind.Array when root.GetArrayLength() <= RegistersMax => root.EnumerateArray().Select((value, index) => (index, value)),
                JsonValueKind.Object when root.EnumerateObject().Count() <= RegistersMax => root.EnumerateObject().Select(member => (IndexOf(member.Name), member.Value)),
                _ => throw new JsonException($"neither an array nor an object of at most {RegistersMax} registers"),
            };
            return entries.ToImmutableSortedDictionary(entry => entry.Index, entry => ValueOf(entry.Value, bank));
        });

    /// <summary>The digest that a quote has over its selected registers, in the order of selection; null when one is not known.</summary>
    internal static byte[]? Digest(TpmAttest quote, TpmHash bank, ImmutableSortedDictionary<int, byte[]> values, HashAlgorithmName hash)
    {
        using IncrementalHash digest = IncrementalHash.CreateHash(hash);
        foreach (PcrSelection selection in quote.Selections)
        {
            foreach (int index in selection.Indices)
            {
                if (selection.Bank != bank || !values.TryGetValue(index, out byte[]? value))
                {
                    return null;
                }

                digest.AppendData(value);
            }
        }

        return digest.GetHashAndReset();
    }

    internal static int SizeOf(TpmHash bank) => bank switch { TpmHash.Sha1 => 20, TpmHash.Sha256 => 32, TpmHash.Sha384 => 48, _ => 64 };

    private static int IndexOf(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < RegistersMax && name == index.ToString(CultureInfo.InvariantCulture)
            ? index
            : throw new JsonException("a register's name is not a number from 0 to 31");

    private static byte[] ValueOf(JsonElement value, TpmHash bank)
    {
        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new JsonException("a register is no text");
        byte[] bytes = JsonFields.OfHex(text, "a register", SizeOf(bank));
        return text == Convert.ToHexStringLower(bytes) ? bytes : throw new JsonException("a register is not in lower-case hexadecimal");
    }
}
