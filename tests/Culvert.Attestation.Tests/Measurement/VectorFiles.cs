namespace Culvert.Attestation.Tests;

/// <summary>Files under <c>tests/vectors/measurement</c>.</summary>
internal static class VectorFiles
{
    internal static IEnumerable<string> Lines(string name)
    {
        string? at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(Path.Join(at, "Culvert.slnx")))
        {
            at = Path.GetDirectoryName(at);
        }

        string path = Path.Join(at ?? throw new InvalidOperationException("the tests are not inside the repository"), "tests", "vectors", "measurement", name);
        return File.ReadLines(path).Where(line => line.Length > 0 && !line.StartsWith('#'));
    }

    /// <summary>Lines of <c>name: value</c>.</summary>
    internal static Dictionary<string, string> Values(string name) =>
        Lines(name).Select(line => line.Split(": ", 2)).ToDictionary(parts => parts[0], parts => parts[1]);
}
