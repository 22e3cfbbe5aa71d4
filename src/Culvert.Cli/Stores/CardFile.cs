using Culvert.Cli.Output;
using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>Store cards (docs/specs/member-card.md) in files. Failures throw <see cref="CommandFailedException"/>.</summary>
internal static class CardFile
{
    /// <summary>A card; what is none is wrong usage, with what the file is instead.</summary>
    internal static MemberCard Read(string path)
    {
        byte[] text = ReadBytes(path);
        if (text.AsSpan().StartsWith("culvert owner key"u8))
        {
            throw CommandFailedException.Usage(
                $"{path} is a secret key, which nobody else may have; its card is wanted here, which whoever has the key makes by: culvert keys public {path} --store -o FILE");
        }

        Outcome<MemberCard> card = MemberCard.TryRead(text);
        return card.Succeeded ? card.Value : throw CommandFailedException.Usage($"{path}: {card.Failure.Message}, such as culvert keys public FILE --store writes");
    }

    /// <summary>Whether there is a card where a secret key may be wanted; a file that cannot be read is none.</summary>
    internal static bool IsCard(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            byte[] begin = new byte[MemberCard.Mark.Length + 1];
            return MemberCard.IsCard(begin.AsSpan(0, file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>One byte more than the longest card at most, so that what is longer is seen as such.</summary>
    private static byte[] ReadBytes(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            byte[] text = new byte[MemberCard.BytesMax + 1];
            return text[..file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw CommandFailedException.Usage(
                failure is FileNotFoundException or DirectoryNotFoundException ? $"{path}: there is no such file"
                : Directory.Exists(path) ? $"{path}: a folder, and not a file"
                : $"cannot read {path}: {failure.Message}");
        }
    }
}
