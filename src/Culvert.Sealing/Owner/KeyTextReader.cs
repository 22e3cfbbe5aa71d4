using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Sealing;

/// <summary>
/// Reads the lines of an owner key or a key share (docs/specs/owner-key.md), in order. The first flaw is kept in
/// <see cref="Failure"/>; what is read after it is empty.
/// </summary>
internal ref struct KeyTextReader
{
    internal const string Version = "1";

    /// <summary>Longest text: about twice of what any can have.</summary>
    internal const int BytesMax = 1024;

    internal const int CheckBytes = 8;
    internal const string CheckName = "check";
    internal const string OwnerKeyMark = "culvert owner key";
    internal const string KeyShareMark = "culvert key share";

    private readonly ReadOnlySpan<byte> _text;
    private int _at;
    private int _line;

    internal KeyTextReader(ReadOnlySpan<byte> text, string mark)
    {
        _text = text;
        if (text.Length > BytesMax)
        {
            Failure = new Failure(FailureKind.TooLarge, $"not {What(mark)}: it has {text.Length} bytes, and at most {BytesMax} are expected");
            return;
        }

        if (!Starts(text, mark))
        {
            Failure = Starts(text, OwnerKeyMark) ? new Failure(FailureKind.Mismatch, "an owner key, and not a key share")
                : Starts(text, KeyShareMark) ? new Failure(FailureKind.Mismatch, "a key share, and not an owner key; 'culvert keys recover' makes a key of several shares")
                : new Failure(FailureKind.Malformed, $"not {What(mark)}: it does not begin with '{mark}'");
            return;
        }

        ReadOnlySpan<byte> first = Line();
        if (Failure is null && !Ascii.Equals(first[(mark.Length + 1)..], Version))
        {
            Failure = new Failure(FailureKind.Mismatch, $"line 1: this program reads version {Version} of such files, and this one is of another");
        }
    }

    /// <summary>The first flaw; null while there is none.</summary>
    internal Failure? Failure { get; private set; }

    /// <summary>All lines that were read.</summary>
    internal readonly ReadOnlySpan<byte> TextSoFar => _text[.._at];

    /// <summary>The value of the next line, which has this name.</summary>
    internal ReadOnlySpan<byte> Field(string name)
    {
        ReadOnlySpan<byte> line = Line();
        if (Failure is not null)
        {
            return [];
        }

        if (line.Length < name.Length + 2 || !Ascii.Equals(line[..name.Length], name) || line[name.Length] != ':' || line[name.Length + 1] != ' ')
        {
            Refuse($"'{name}: ' and a value are expected here");
            return [];
        }

        return line[(name.Length + 2)..];
    }

    /// <summary>A decimal number.</summary>
    internal int Number(string name, int min, int max)
    {
        ReadOnlySpan<byte> value = Field(name);
        if (Failure is not null)
        {
            return 0;
        }

        if (value.Length == 0 || value.ContainsAnyExceptInRange((byte)'0', (byte)'9') || (value.Length > 1 && value[0] == '0')
            || !Utf8Parser.TryParse(value, out int number, out _) || number < min || number > max)
        {
            Refuse($"{name} is a number from {min} to {max}");
            return 0;
        }

        return number;
    }

    /// <summary>Fills <paramref name="bytes"/> from lower-case hexadecimal digits.</summary>
    internal void Hex(string name, scoped Span<byte> bytes, bool grouped)
    {
        ReadOnlySpan<byte> value = Field(name);
        if (Failure is not null)
        {
            return;
        }

        int digits = 2 * bytes.Length;
        int gaps = grouped ? (digits / KeyTextWriter.GroupDigits) - 1 : 0;
        int at = 0;
        int wrong = 0;
        for (int i = 0; value.Length == digits + gaps && i < bytes.Length; i++)
        {
            if (grouped && i > 0 && i % (KeyTextWriter.GroupDigits / 2) == 0)
            {
                wrong |= value[at++] ^ ' ';
            }

            bytes[i] = (byte)((Digit(value[at], ref wrong) << 4) | Digit(value[at + 1], ref wrong));
            at += 2;
        }

        if (wrong != 0 || at != digits + gaps)
        {
            string groups = grouped ? $" in groups of {KeyTextWriter.GroupDigits}" : "";
            int found = value.Length - value.Count((byte)' ');
            Refuse($"{name} has {digits} hexadecimal digits (0-9, a-f){groups}{(found == digits ? "" : $", and here are {found}")}");
        }
    }

    /// <summary>Reads the check, the last line.</summary>
    internal void End(bool grouped)
    {
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(TextSoFar, expected);
        Span<byte> check = stackalloc byte[CheckBytes];
        Hex(CheckName, check, grouped);
        if (Failure is not null)
        {
            return;
        }

        if (!check.SequenceEqual(expected[..CheckBytes]))
        {
            Failure = new Failure(FailureKind.Integrity, "the check does not fit the lines before it: something was mistyped, or the file is damaged");
        }
        else if (_at != _text.Length)
        {
            _line++;
            Refuse("nothing is expected behind the check");
        }
    }

    internal void Refuse(string why) => Failure ??= new Failure(FailureKind.Malformed, $"line {_line}: {why}");

    internal static bool Starts(ReadOnlySpan<byte> text, string mark) =>
        text.Length > mark.Length && Ascii.Equals(text[..mark.Length], mark) && text[mark.Length] == ' ';

    private static string What(string mark) => mark == OwnerKeyMark ? "an owner key" : "a key share";

    // Computed and not looked up: where in a table a digit lies would show in the processor's cache.
    private static int Digit(byte character, ref int wrong)
    {
        int number = character - '0';
        int letter = character - 'a';
        int isNumber = ~(number | (9 - number)) >> 31;
        int isLetter = ~(letter | (5 - letter)) >> 31;
        wrong |= ~(isNumber | isLetter);
        return (number & isNumber) | ((letter + 10) & isLetter);
    }

    private ReadOnlySpan<byte> Line()
    {
        if (Failure is not null)
        {
            return [];
        }

        _line++;
        ReadOnlySpan<byte> rest = _text[_at..];
        int end = rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            Refuse(rest.Length == 0 ? "the file ends here; lines are missing" : "the line does not end with a line feed");
            return [];
        }

        if (end > 0 && rest[end - 1] == '\r')
        {
            Refuse("lines end with a line feed alone, and this one with a carriage return too");
            return [];
        }

        _at += end + 1;
        return rest[..end];
    }
}
