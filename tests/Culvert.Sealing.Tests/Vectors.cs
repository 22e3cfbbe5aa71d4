namespace Culvert.Sealing.Tests;

/// <summary>Files under tests/vectors: lines of <c>name: value</c>, and comments that begin with #.</summary>
internal static class Vectors
{
    public static string Folder(string format)
    {
        string? at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(Path.Combine(at, "Culvert.slnx")))
        {
            at = Path.GetDirectoryName(at);
        }

        return Path.Combine(at ?? throw new InvalidOperationException("the tests are not inside the repository"), "tests", "vectors", format);
    }

    /// <summary>The names of a format's files, without their ending.</summary>
    public static IEnumerable<string> Names(string format) =>
        Directory.GetFiles(Folder(format), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    /// <summary>The values of a file, by name; some names occur several times.</summary>
    public static ILookup<string, string> Read(string format, string name) =>
        File.ReadLines(Path.Combine(Folder(format), name + ".txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(": ", 2))
            .ToLookup(parts => parts[0], parts => parts[1]);

    /// <summary>The bytes of hexadecimal digits; a hyphen stands for none.</summary>
    public static byte[] Hex(string digits) => digits == "-" ? [] : Convert.FromHexString(digits);
}
