using System.Security.Cryptography;
using Culvert.Sealing;
using Microsoft.Win32.SafeHandles;

namespace Culvert.Engine;

/// <summary>
/// Where passphrases come from: a terminal, without echo, or a file. Never the command line or the environment, which other
/// processes can see. Prompts go to the messages that are given; failures throw <see cref="OwnerKeyException"/>.
/// </summary>
public static class Passphrases
{
    /// <summary>Characters of a new passphrase; more is better (docs/specs/owner-key.md).</summary>
    public const int CharactersMin = 8;

    /// <summary>One for a key that is made: asked for twice, or from a file.</summary>
    public static Secret New(string? file, TextWriter messages)
    {
        Secret passphrase = file is null ? Ask("New passphrase: ", "--passphrase", messages) : FromFile(file);
        if (Characters(passphrase) < CharactersMin)
        {
            passphrase.Dispose();
            throw new OwnerKeyException($"a passphrase has at least {CharactersMin} characters, and better several words; nothing was written");
        }

        if (file is null)
        {
            using Secret again = Ask("The same again: ", "--passphrase", messages);
            if (!CryptographicOperations.FixedTimeEquals(passphrase.Bytes, again.Bytes))
            {
                passphrase.Dispose();
                throw new OwnerKeyException("the two passphrases differ; nothing was written");
            }
        }

        return passphrase;
    }

    /// <summary>The only line of a file that nobody else may read.</summary>
    public static Secret FromFile(string path)
    {
        // Two bytes more for a line end.
        using Secret text = PrivateFile.Read(path, OwnerKeyFile.PassphraseBytesMax + 2);
        ReadOnlySpan<byte> line = text.Bytes;
        line = line.EndsWith("\r\n"u8) ? line[..^2] : line.EndsWith("\n"u8) ? line[..^1] : line;
        return line.Contains((byte)'\n') ? throw new OwnerKeyException($"{path}: a passphrase is expected, and here is more than one line")
            : line.IsEmpty ? throw new OwnerKeyException($"{path}: a passphrase is expected, and the line is empty")
            : Secret.CopyOf(line);
    }

    /// <summary>Asks on the terminal. Where there is none the message says what to do instead.</summary>
    public static Secret Ask(string prompt, string why, TextWriter messages)
    {
        if (Console.IsInputRedirected)
        {
            throw OwnerKeyException.Usage($"{why}: a passphrase is needed, and standard input is no terminal to ask at; use --passphrase-file FILE");
        }

        // Pinned, so that no copy is left in memory; one byte more than allowed, and one for the line's end.
        byte[] typed = GC.AllocateUninitializedArray<byte>(OwnerKeyFile.PassphraseBytesMax + 2, pinned: true);
        try
        {
            int length = ReadLine(prompt, typed, messages);
            return length == 0 ? throw new OwnerKeyException("no passphrase was typed")
                : length > OwnerKeyFile.PassphraseBytesMax ? throw new OwnerKeyException($"a passphrase has at most {OwnerKeyFile.PassphraseBytesMax} bytes")
                : Secret.CopyOf(typed.AsSpan(0, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(typed);
        }
    }

    /// <summary>Reads up to the line's end, or until the bytes are full; tells how many bytes come before the end.</summary>
    private static int ReadLine(string prompt, byte[] typed, TextWriter messages)
    {
        using SilentTerminal silence = new();
        using SafeFileHandle descriptor = new(0, ownsHandle: false);
        using FileStream input = new(descriptor, FileAccess.Read, bufferSize: 0);
        messages.Write(prompt);
        int length = 0;
        while (length < typed.Length && input.Read(typed.AsSpan(length)) is > 0 and var read)
        {
            int end = typed.AsSpan(length, read).IndexOf((byte)'\n');
            if (end >= 0)
            {
                length += end;
                break;
            }

            length += read;
        }

        messages.WriteLine();
        return length;
    }

    private static int Characters(Secret passphrase)
    {
        int count = 0;
        foreach (byte unit in passphrase.Bytes)
        {
            count += (unit & 0xc0) == 0x80 ? 0 : 1;
        }

        return count;
    }
}
