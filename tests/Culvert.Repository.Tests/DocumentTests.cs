using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Culvert.Repository.Tests;

public partial class DocumentTests
{
    [Fact]
    public void Every_package_has_its_reason_in_the_docs_and_no_other_is_there()
    {
        string[] named = [.. RepositoryFiles.Ending(".csproj", ".props").SelectMany(path => Packages(RepositoryFiles.Read(path))).Distinct().Order(StringComparer.Ordinal)];
        string[] explained = [.. TableRow().Matches(RepositoryFiles.Read("docs/dependencies.md")).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];

        Assert.Equal(named, explained);
    }

    [Fact]
    public void Every_link_and_path_in_the_docs_leads_somewhere() =>
        Assert.Empty(Pages().SelectMany(page => BrokenPaths(page, RepositoryFiles.Read(page)).Select(path => $"{page}: {path}")));

    [Theory]
    [InlineData("[x](nowhere.md)", "nowhere.md")]
    [InlineData("see `src/Culvert.Nowhere/X.cs`", "src/Culvert.Nowhere/X.cs")]
    [InlineData("see `docs/no such.md` or `docs/none.md`", "docs/none.md")]
    public void A_planted_broken_path_is_found(string text, string broken) =>
        Assert.Equal([broken], BrokenPaths("docs/page.md", text));

    [Theory]
    [InlineData("[x](dependencies.md#in-tests) [y](https://example.org/a.md) `src/Culvert.Engine` `tests/vectors/<format>` `src/*/X.cs`")]
    public void A_path_that_leads_somewhere_is_left_alone(string text) => Assert.Empty(BrokenPaths("docs/page.md", text));

    private static IEnumerable<string> Packages(string project) =>
        XDocument.Parse(project).Descendants()
            .Where(element => element.Name.LocalName is "PackageReference")
            .Select(element => (string?)element.Attribute("Include"))
            .OfType<string>();

    private static IEnumerable<string> Pages() =>
        RepositoryFiles.Ending(".md").Where(path => !path.Contains('/') || path.StartsWith("docs/", StringComparison.Ordinal));

    private static IEnumerable<string> BrokenPaths(string page, string text)
    {
        string folder = Path.GetDirectoryName(page) ?? "";
        IEnumerable<string> links = Link().Matches(text)
            .Select(match => match.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#') && !target.StartsWith("mailto:", StringComparison.Ordinal))
            .Where(target => !RepositoryFiles.Exists(Path.Combine(folder, target.Split('#')[0])));
        IEnumerable<string> named = CodePath().Matches(text)
            .Select(match => match.Groups[1].Value)
            .Where(path => !RepositoryFiles.Exists(path));
        return links.Concat(named);
    }

    [GeneratedRegex(@"^\|\s*([A-Za-z][\w.]*\.?\w+)\s*\|(?!\s*why)", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    // Code-formatted, in a folder of ours, and without placeholders.
    [GeneratedRegex(@"`\.?/?((?:src|tests|docs|bench|examples|\.ci)/[\w./-]+)`")]
    private static partial Regex CodePath();
}
