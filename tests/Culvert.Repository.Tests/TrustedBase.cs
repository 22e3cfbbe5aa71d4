using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Culvert.Repository.Tests;

/// <summary>What an enclave loads: a room, the rooms that it refers to and those that they do, and the packages that come with them.</summary>
internal static partial class TrustedBase
{
    /// <summary>The projects of a room's closure, by path in ordinal order. <paramref name="read"/> gives a project file's text.</summary>
    public static IReadOnlyList<string> Projects(string project, Func<string, string> read)
    {
        SortedSet<string> found = new(StringComparer.Ordinal) { project };
        Stack<string> open = new([project]);
        while (open.TryPop(out string? next))
        {
            foreach (string reference in Includes(read(next), "ProjectReference"))
            {
                string name = Path.GetFileNameWithoutExtension(reference.Replace('\\', '/'));
                string path = $"src/{name}/{name}.csproj";
                if (found.Add(path))
                {
                    open.Push(path);
                }
            }
        }

        return [.. found];
    }

    /// <summary>The packages that a project's text names.</summary>
    public static IEnumerable<string> Packages(string project) => Includes(project, "PackageReference");

    /// <summary>The packages that a lock file resolves, directly or behind others.</summary>
    public static IEnumerable<string> Resolved(string lockFile)
    {
        using JsonDocument document = JsonDocument.Parse(lockFile);
        return [.. document.RootElement.GetProperty("dependencies").EnumerateObject()
            .SelectMany(framework => framework.Value.EnumerateObject())
            .Where(package => package.Value.GetProperty("type").GetString() != "Project")
            .Select(package => package.Name)
            .Distinct()];
    }

    /// <summary>Lines that hold code: neither empty nor a comment alone.</summary>
    public static int CodeLines(string source) => source.Split('\n').Count(line => !NoCode().IsMatch(line));

    private static IEnumerable<string> Includes(string project, string element) =>
        XDocument.Parse(project).Descendants()
            .Where(e => e.Name.LocalName == element)
            .Select(e => (string?)e.Attribute("Include"))
            .OfType<string>();

    [GeneratedRegex(@"^\s*(//.*)?$")]
    private static partial Regex NoCode();
}
