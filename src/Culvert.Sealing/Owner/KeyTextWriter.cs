using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Sealing;

/// <summary>
/// Writes the lines of an owner key or a key share (docs/specs/owner-key.md), in memory that is zeroed when it is disposed.
/// </summary>
internal sealed class KeyTextWriter : IDisposable
{
    internal const int GroupDigits = 4;

    // Pinned, so that no copy is left where a collection found it.
    private readonly byte[] _text = GC.AllocateUninitializedArray<byte>(KeyTextReader.BytesMax, pinned: true);
    private int _length;

    internal KeyTextWriter(string mark) => Line($"{mark} {KeyTextReader.Version}");

    /// <summary>All lines so far.</summary>
    internal ReadOnlySpan<byte> Text => _text.AsSpan(0, _length);

    internal void Field(string name, string value) => Line($"{name}: {value}");

    internal void Number(string name, int value) => Field(name, value.ToString(CultureInfo.InvariantCulture));

    internal void Hex(string name, ReadOnlySpan<byte> bytes, bool grouped)
    {
        Append($"{name}: ");
        for (int i = 0; i < bytes.Length; i++)
        {
            if (grouped && i > 0 && i % (GroupDigits / 2) == 0)
            {
                _text[_length++] = (byte)' ';
            }

            _text[_length++] = Digit(bytes[i] >> 4);
            _text[_length++] = Digit(bytes[i] & 15);
        }

        _text[_length++] = (byte)'\n';
    }

    /// <summary>Writes the check, and gives the whole text.</summary>
    internal Secret End(bool grouped)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Text, digest);
        Hex(KeyTextReader.CheckName, digest[..KeyTextReader.CheckBytes], grouped);
        return Secret.CopyOf(Text);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_text);

    // Computed and not looked up: where in a table a digit lies would show in the processor's cache.
    private static byte Digit(int value) => (byte)('0' + value + (((9 - value) >> 8) & ('a' - '0' - 10)));

    private void Line(string text) => Append($"{text}\n");

    private void Append(string text) => _length += Encoding.ASCII.GetBytes(text, _text.AsSpan(_length));
}
