using System.Text;

namespace Culvert.Attestation.Tests.Manifests;

/// <summary>A vector: lines, and the versions of a manifest.</summary>
internal sealed record ManifestVector(Dictionary<string, string> Lines, byte[][] Versions)
{
    internal static ManifestVector Read(string name)
    {
        string[] parts = File.ReadAllText(RepositoryFolder.Of("tests", "vectors", "manifest", name + ".txt")).Split("---\n");
        return new ManifestVector(
            parts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(line => line[..line.IndexOf(": ", StringComparison.Ordinal)], line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]),
            [.. parts[1..].Select(Encoding.UTF8.GetBytes)]);
    }
}

/// <summary>The repository that the tests are in.</summary>
internal static class RepositoryFolder
{
    internal static string Of(params string[] path)
    {
        string? at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(Path.Join(at, "Culvert.slnx")))
        {
            at = Path.GetDirectoryName(at);
        }

        return Path.Join([at ?? throw new InvalidOperationException("the tests are not inside the repository"), .. path]);
    }
}
