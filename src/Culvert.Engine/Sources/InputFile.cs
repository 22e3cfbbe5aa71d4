using Culvert.Stages;
using Culvert.Streams;
using Microsoft.Win32.SafeHandles;

namespace Culvert.Engine;

/// <summary>One file of a run.</summary>
internal sealed class InputFile
{
    private InputFile(string path, long length, bool compressed)
    {
        (Path, Length, Compressed) = (path, length, compressed);
    }

    public string Path { get; }

    /// <summary>As it is shown with a line number.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Bytes as stored, when the run began.</summary>
    public long Length { get; }

    public bool Compressed { get; }

    /// <summary>Whether more may be appended while it is read.</summary>
    public bool Growing { get; private init; }

    /// <summary>Standard input's bytes; null for files.</summary>
    public FeedBytes? Feed { get; private init; }

    /// <summary>Where the first row behind the header starts, in decompressed bytes.</summary>
    public long DataStart { get; set; }

    /// <summary>Where its wanted columns stand; null for a file without rows.</summary>
    public CsvLayout? Layout { get; set; }

    /// <summary>Opens a file far enough to know its length and what its first bytes say; binary formats are refused by name.</summary>
    public static InputFile Open(string path, bool growing = false)
    {
        using SafeFileHandle handle = OpenHandle(path);
        Span<byte> magic = stackalloc byte[8];
        try
        {
            magic = magic[..RandomAccess.Read(handle, magic, 0)];
            string? format = BinaryFormat(magic);
            return format is null
                ? new InputFile(path, RandomAccess.GetLength(handle), IsGzip(magic)) { Growing = growing }
                : throw new SourceFailedException($"{path}: this is {format}, not CSV");
        }
        catch (Exception e) when (e is IOException or NotSupportedException or UnauthorizedAccessException)
        {
            throw new SourceFailedException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Standard input, or what stands for it.</summary>
    public static InputFile FromStream(Stream stream) => new("standard input", 0, false) { Feed = new FeedBytes(stream), Growing = true };

    public static SafeFileHandle OpenHandle(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.None);
        }
        catch (FileNotFoundException e)
        {
            throw new SourceFailedException($"{path}: no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceFailedException($"{path}: cannot be opened: {e.Message}", e);
        }
    }

    private static bool IsGzip(ReadOnlySpan<byte> magic) => magic.Length >= 2 && magic[0] == 0x1f && magic[1] == 0x8b;

    private static string? BinaryFormat(ReadOnlySpan<byte> magic) =>
        magic.StartsWith("PK\x03\x04"u8) ? "a zip archive or a spreadsheet"
        : magic.StartsWith("PAR1"u8) ? "a Parquet file"
        : magic.StartsWith("BZh"u8) && magic.Length > 4 && magic[4] == 0x31 ? "a bzip2 file (unpack it first)"
        : magic.Length >= 4 && magic[..4].SequenceEqual((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) ? "a Zstandard file (unpack it first)"
        : magic.Length >= 6 && magic[..6].SequenceEqual((ReadOnlySpan<byte>)[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) ? "an xz file (unpack it first)"
        : magic.Length >= 2 && (magic[..2].SequenceEqual((ReadOnlySpan<byte>)[0xff, 0xfe]) || magic[..2].SequenceEqual((ReadOnlySpan<byte>)[0xfe, 0xff])) ? "UTF-16 text (convert it to UTF-8 first)"
        : null;
}
