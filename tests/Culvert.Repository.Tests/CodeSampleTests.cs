using System.Text.RegularExpressions;

namespace Culvert.Repository.Tests;

/// <summary>C# that the docs show stands, line by line, in a file that is compiled and run.</summary>
public sealed partial class CodeSampleTests
{
    private static readonly string[] s_pages = ["README.md", "docs/csharp.md"];

    [Fact]
    public void Every_block_of_csharp_in_the_docs_is_compiled_and_run()
    {
        string[] compiled = [.. RepositoryFiles.Ending(".cs").Where(IsRun).Select(RepositoryFiles.Read)];

        foreach (string page in s_pages)
        {
            string[] blocks = [.. Blocks(RepositoryFiles.Read(page))];
            Assert.NotEmpty(blocks);
            Assert.All(blocks, block => Assert.True(compiled.Any(file => Holds(file, block)), $"{page} shows code that no example or sample holds:\n{block}"));
        }
    }

    [Theory]
    [InlineData("int a = 1;\nint b = 2;", true)]
    [InlineData("    int a = 1;\n        int b = 2;", true)]
    [InlineData("int a = 1;\nint b = 3;", false)]
    [InlineData("int b = 2;\nint a = 1;", false)]
    public void A_planted_difference_is_found(string block, bool holds) =>
        Assert.Equal(holds, Holds("class C\n{\n    int a = 1;\n    int b = 2;\n}\n", block));

    private static bool IsRun(string path) =>
        path.StartsWith("examples/", StringComparison.Ordinal) || path.StartsWith("tests/Culvert.Engine.Tests/Samples/", StringComparison.Ordinal);

    private static IEnumerable<string> Blocks(string page) => Fenced().Matches(page).Select(match => match.Groups[1].Value);

    /// <summary>Whether a file holds a block's lines one behind the other, however they are indented.</summary>
    private static bool Holds(string file, string block) => $"\n{Trimmed(file)}\n".Contains($"\n{Trimmed(block)}\n", StringComparison.Ordinal);

    private static string Trimmed(string text) => string.Join('\n', text.Trim().Split('\n').Select(line => line.Trim()));

    [GeneratedRegex(@"^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();
}
