using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Culvert.Engine;

/// <summary>
/// By what a resumed run knows its files again: name, length, and a SHA-256 of the first and last 64 KiB and of sixteen
/// blocks of 4 KiB spread evenly between. That catches files that were replaced, cut, grown or sorted anew, and misses a
/// change of few bytes in the middle of a large file that keeps its length. Times of change do not count. Of a file that
/// is followed, only the beginning counts, up to the length that it had.
/// </summary>
internal static class SourceIdentity
{
    private const string Magic = "culvert source 1";
    private const int EdgeBytes = 64 << 10;
    private const int SampleBytes = 4 << 10;
    private const int Samples = 16;

    /// <summary>One line of text for the cut, and one for each file.</summary>
    public static byte[] Write(IReadOnlyList<InputFile> files, string cut)
    {
        StringBuilder text = new();
        text.Append(Magic).Append('\n').Append(cut).Append('\n');
        foreach (InputFile file in files)
        {
            text.Append(Line(file, file.Length)).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Compares the files with what was written for them.</summary>
    public static Outcome<bool> Check(ReadOnlySpan<byte> identity, IReadOnlyList<InputFile> files, string cut)
    {
        string[] lines = Encoding.UTF8.GetString(identity).Split('\n');
        if (lines.Length < 3 || lines[0] != Magic)
        {
            return new Failure(FailureKind.Malformed, "the snapshot holds no identity of a source of files");
        }

        if (lines[1] != cut)
        {
            return new Failure(FailureKind.Mismatch, $"the input was cut as '{lines[1]}' and is now to be cut as '{cut}'");
        }

        string[] before = lines[2..^1];
        for (int i = 0; i < Math.Max(before.Length, files.Count); i++)
        {
            string[] parts = i < before.Length ? before[i].Split('\t') : [];
            if (i < before.Length && (parts.Length != 4 || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            {
                return new Failure(FailureKind.Malformed, "the snapshot's identity of its source is damaged");
            }

            if (i >= before.Length || i >= files.Count || parts[0] != Escape(files[i].Name))
            {
                string was = i < before.Length ? $"{parts[0]} was" : "no more files were";
                string now = i < files.Count ? $"{files[i].Name} is" : "no file is";
                return new Failure(FailureKind.Mismatch, $"input {i + 1}: {was} read by the run to be resumed, and {now} there now");
            }

            if (CheckFile(files[i], long.Parse(parts[1], CultureInfo.InvariantCulture), parts[2], before[i]) is { } failure)
            {
                return failure;
            }
        }

        return true;
    }

    private static Failure? CheckFile(InputFile file, long length, string kind, string line)
    {
        if (file.Feed is not null)
        {
            return new Failure(FailureKind.Mismatch, "standard input cannot be read again, so this run cannot be resumed");
        }

        if (file.Growing ? file.Length < length : file.Length != length)
        {
            return new Failure(FailureKind.Mismatch, $"{file.Path}: was {length} bytes long and is now {file.Length}: it was replaced, cut or appended to");
        }

        string now = Line(file, length);
        return now == line ? null
            : kind != Kind(file) ? new Failure(FailureKind.Mismatch, $"{file.Path}: was read as {kind} and is now {Kind(file)}")
            : new Failure(FailureKind.Mismatch, $"{file.Path}: has the same length but other contents than when the run began");
    }

    private static string Kind(InputFile file) => file.Feed is not null ? "stream" : file.Growing ? "growing" : file.Compressed ? "gzip" : "plain";

    private static string Line(InputFile file, long length) =>
        string.Create(CultureInfo.InvariantCulture, $"{Escape(file.Name)}\t{length}\t{Kind(file)}\t{(file.Feed is null ? Digest(file, length) : "-")}");

    private static string Escape(string name) => name.Replace('\t', ' ').Replace('\n', ' ');

    private static string Digest(InputFile file, long length)
    {
        using SafeFileHandle handle = InputFile.OpenHandle(file.Path);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, length);
        hash.AppendData(number);
        byte[] buffer = new byte[EdgeBytes];
        Append(0, EdgeBytes);
        if (!file.Growing)
        {
            for (int i = 1; i <= Samples; i++)
            {
                Append((long)((Int128)length * i / (Samples + 1)), SampleBytes);
            }

            Append(Math.Max(0, length - EdgeBytes), EdgeBytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(long offset, int count)
        {
            count = (int)Math.Min(count, length - offset);
            int read = 0;
            while (read < count && RandomAccess.Read(handle, buffer.AsSpan(read, count - read), offset + read) is int more and > 0)
            {
                read += more;
            }

            hash.AppendData(buffer, 0, read);
        }
    }
}
