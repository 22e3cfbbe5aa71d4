using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>
/// The two public keys by which a store knows somebody: its owner, a reader or a writer (docs/specs/member-card.md). Nothing of it is
/// secret; that it comes from whom it says is for whoever takes it to find out, by its id. Immutable, canonical.
/// </summary>
/// <param name="Signing">Verifies what the member signs.</param>
/// <param name="Reading">What values are wrapped for.</param>
public sealed record MemberCard(VerifyingKey Signing, HpkePublicKey Reading)
{
    /// <summary>Longest file, bytes; a card has 360.</summary>
    public const int BytesMax = 1024;

    /// <summary>What a card begins with, before a space and the version.</summary>
    public const string Mark = "culvert store card";

    private const string Version = "1";
    private const string SigningName = "signing-key";
    private const string ReadingName = "reading-key";
    private const string CheckName = "check";
    private const int CheckBytes = 8;

    /// <summary>Names both keys: what two people compare. 32 hexadecimal digits, the first 16 bytes of SHA-256 of signing key and reading key.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData([.. Signing.Bytes, .. Reading.Bytes])[..16]);

    /// <summary>The card of whoever has these keys.</summary>
    public static MemberCard Of(StoreKeys keys) => new(keys.Signing.PublicKey, keys.Reading.PublicKey);

    /// <summary>Whether a file is meant to be a card, by how it begins.</summary>
    public static bool IsCard(ReadOnlySpan<byte> text) => text.Length > Mark.Length && Ascii.Equals(text[..Mark.Length], Mark) && text[Mark.Length] == ' ';

    /// <summary>The file's text.</summary>
    public string Write()
    {
        string lines = $"{Mark} {Version}\n{SigningName}: {Convert.ToHexStringLower(Signing.Bytes)}\n{ReadingName}: {Convert.ToHexStringLower(Reading.Bytes)}\n";
        return $"{lines}{CheckName}: {CheckOf(lines)}\n";
    }

    /// <summary>Reads a card that may come from anybody.</summary>
    public static Outcome<MemberCard> TryRead(ReadOnlySpan<byte> text)
    {
        if (text.Length > BytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"no store card: it has {text.Length} bytes, and at most {BytesMax} are expected");
        }

        if (!IsCard(text))
        {
            return new Failure(FailureKind.Malformed, $"no store card: it does not begin with '{Mark}'");
        }

        string[] lines = Encoding.Latin1.GetString(text).Split('\n');
        if (lines[0] != $"{Mark} {Version}")
        {
            return new Failure(FailureKind.Mismatch, $"line 1: this program reads version {Version} of store cards, and this one is of another");
        }

        if (lines.Length != 5 || lines[4].Length > 0)
        {
            return new Failure(FailureKind.Malformed, "a store card has four lines, each with a line feed alone at its end");
        }

        Outcome<byte[]> signing = Hex(lines, 1, SigningName, VerifyingKey.SizeBytes);
        Outcome<byte[]> reading = Hex(lines, 2, ReadingName, HpkePublicKey.SizeBytes);
        Outcome<byte[]> check = Hex(lines, 3, CheckName, CheckBytes);
        if ((signing.Failure ?? reading.Failure ?? check.Failure) is { } failure)
        {
            return failure;
        }

        if (Convert.ToHexStringLower(check.Value) != CheckOf(string.Concat(lines[..3].Select(line => line + "\n"))))
        {
            return new Failure(FailureKind.Integrity, "the check does not fit the lines before it: something was mistyped, or the file is damaged");
        }

        Outcome<VerifyingKey> signs = VerifyingKey.TryRead(signing.Value);
        Outcome<HpkePublicKey> reads = HpkePublicKey.TryRead(reading.Value);
        return signs.Failure is { } wrong ? new Failure(wrong.Kind, $"line 2: {SigningName}: {wrong.Message}")
            : reads.Failure is { } other ? new Failure(other.Kind, $"line 3: {ReadingName}: {other.Message}")
            : new MemberCard(signs.Value, reads.Value);
    }

    private static Outcome<byte[]> Hex(string[] lines, int at, string name, int bytes)
    {
        string line = lines[at];
        string value = line.StartsWith($"{name}: ", StringComparison.Ordinal) ? line[(name.Length + 2)..] : "";
        return value.Length == 2 * bytes && value.All(digit => char.IsAsciiHexDigitLower(digit) || char.IsAsciiDigit(digit))
            ? Convert.FromHexString(value)
            : new Failure(FailureKind.Malformed, string.Create(CultureInfo.InvariantCulture, $"line {at + 1}: '{name}: ' and {2 * bytes} hexadecimal digits (0-9, a-f) are expected"));
    }

    private static string CheckOf(string lines) => Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(lines))[..CheckBytes]);
}
