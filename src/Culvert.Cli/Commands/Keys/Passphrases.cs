using System.Security.Cryptography;
using Culvert.Cli.Output;
using Culvert.Sealing;
using Microsoft.Win32.SafeHandles;

namespace Culvert.Cli.Commands.Keys;

/// <summary>
/// Where passphrases come from: a terminal, without echo, or a file. Never the command line or the environment, which other
/// processes can see.
/// </summary>
internal static class Passphrases
{
    /// <summary>Characters of a new passphrase; more is better (docs/specs/owner-key.md).</summary>
    internal const int CharactersMin = 8;

    /// <summary>One for a key that is made: asked for twice, or from a file.</summary>
    internal static Secret New(string? file)
    {
        Secret passphrase = file is null ? Ask("New passphrase: ", "--passphrase") : FromFile(file);
        if (Characters(passphrase) < CharactersMin)
        {
            passphrase.Dispose();
            throw new CommandFailedException(ExitCode.Failed, $"a passphrase has at least {CharactersMin} characters, and better several words; nothing was written");
        }

        if (file is null)
        {
            using Secret again = Ask("The same again: ", "--passphrase");
            if (!CryptographicOperations.FixedTimeEquals(passphrase.Bytes, again.Bytes))
            {
                passphrase.Dispose();
                throw new CommandFailedException(ExitCode.Failed, "the two passphrases differ; nothing was written");
            }
        }

        return passphrase;
    }

    /// <summary>The only line of a file that nobody else may read.</summary>
    internal static Secret FromFile(string path)
    {
        // Two bytes more for a line end.
        using Secret text = PrivateFile.Read(path, OwnerKeyFile.PassphraseBytesMax + 2);
        ReadOnlySpan<byte> line = text.Bytes;
        line = line.EndsWith("\r\n"u8) ? line[..^2] : line.EndsWith("\n"u8) ? line[..^1] : line;
        return line.Contains((byte)'\n') ? throw new CommandFailedException(ExitCode.Failed, $"{path}: a passphrase is expected, and here is more than one line")
            : line.IsEmpty ? throw new CommandFailedException(ExitCode.Failed, $"{path}: a passphrase is expected, and the line is empty")
            : Secret.CopyOf(line);
    }

    /// <summary>Asks on the terminal. Where there is none the message says what to do instead.</summary>
    internal static Secret Ask(string prompt, string why)
    {
        if (Console.IsInputRedirected)
        {
            throw CommandFailedException.Usage($"{why}: a passphrase is needed, and standard input is no terminal to ask at; use --passphrase-file FILE");
        }

        // Pinned, so that no copy is left in memory; one byte more than allowed, and one for the line's end.
        byte[] typed = GC.AllocateUninitializedArray<byte>(OwnerKeyFile.PassphraseBytesMax + 2, pinned: true);
        try
        {
            int length = ReadLine(prompt, typed);
            return length == 0 ? throw new CommandFailedException(ExitCode.Failed, "no passphrase was typed")
                : length > OwnerKeyFile.PassphraseBytesMax ? throw new CommandFailedException(ExitCode.Failed, $"a passphrase has at most {OwnerKeyFile.PassphraseBytesMax} bytes")
                : Secret.CopyOf(typed.AsSpan(0, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(typed);
        }
    }

    /// <summary>Reads up to the line's end, or until the bytes are full; tells how many bytes come before the end.</summary>
    private static int ReadLine(string prompt, byte[] typed)
    {
        using SilentTerminal silence = new();
        using SafeFileHandle descriptor = new(0, ownsHandle: false);
        using FileStream input = new(descriptor, FileAccess.Read, bufferSize: 0);
        Terminal.Error.Write(prompt);
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

        Terminal.Error.WriteLine();
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
