namespace Culvert.Repository.Tests;

public class SourceRuleTests
{
    private const int LinesMax = 500;

    // Where clocks and chance enter: the shells. Of the enclaves' room, the limits of waits, and the warming of OpenSSL's generator.
    private static readonly string[] s_shells =
        ["src/Culvert.Enclaves/Machine/", "src/Culvert.Engine/", "src/Culvert.Cli/", "src/Culvert.Enclaves/Channels/Deadline.cs", "src/Culvert.Enclaves/Simulation/WarmUp.cs"];

    // Files that may be longer than others, and why.
    private static readonly Dictionary<string, string> s_long = [];

    private static readonly string[] s_textEndings =
        [".cs", ".csproj", ".props", ".slnx", ".md", ".json", ".yaml", ".yml", ".js", ".mjs", ".sh", ".lua", ".txt", ".html", ".xml"];

    public static TheoryData<string> CodeFolders =>
        [.. RepositoryFiles.Ending(".cs").Select(path => string.Join('/', path.Split('/').Take(2))).Distinct()];

    [Fact]
    public void No_file_names_a_path_of_somebodys_machine() =>
        AssertNone(TextFiles(), path => SourceRules.MachinePaths(RepositoryFiles.Read(path)));

    [Theory]
    [InlineData("see /home/ann/culvert/x.cs", "/home/ann")]
    [InlineData("\"/root/data.csv\"", "/root/data.csv")]
    [InlineData("cd /home/someone/checkout", "/home/someone")]
    [InlineData("C:\\Users\\ann\\x", "C:\\Users\\ann")]
    public void A_planted_machine_path_is_found(string text, string found) => Assert.Equal([found], SourceRules.MachinePaths(text));

    [Theory]
    [InlineData("~/root/x and docs/home/plan.md and https://a.example/home/page")]
    public void A_path_that_is_nobodys_is_left_alone(string text) => Assert.Empty(SourceRules.MachinePaths(text));

    [Fact]
    public void No_file_names_the_host_of_a_package_registry() =>
        AssertNone(TextFiles(), path => SourceRules.RegistryHosts(RepositoryFiles.Read(path)));

    [Theory]
    [InlineData("\"resolved\": \"file/x.tgz\"")]
    [InlineData("https://api.nuget.org/v3/index.json")]
    [InlineData("http://mirror.example:8080/npm/")]
    [InlineData("http://10.0.0.1:80/v3/index.json")]
    public void A_planted_registry_is_found(string text) => Assert.Single(SourceRules.RegistryHosts(text));

    [Fact]
    public void Only_shells_look_at_clocks_and_chance() =>
        AssertNone(
            RepositoryFiles.Ending(".cs").Where(path =>
                path.StartsWith("src/", StringComparison.Ordinal)
                && !s_shells.Any(shell => path.StartsWith(shell, StringComparison.Ordinal))),
            path => SourceRules.BannedSymbols(RepositoryFiles.Read(path)));

    [Theory]
    [InlineData("var t = DateTime.UtcNow;", "DateTime.UtcNow")]
    [InlineData("await Task.Delay(5);", "Task.Delay")]
    [InlineData("x = new Random(1);", "new Random")]
    [InlineData("long t = Environment.TickCount64;", "Environment.TickCount64")]
    public void A_planted_clock_is_found(string code, string found) => Assert.Equal([found], SourceRules.BannedSymbols(code));

    [Fact]
    public void A_comment_may_speak_of_clocks() => Assert.Empty(SourceRules.BannedSymbols("// not DateTime.UtcNow\n/* nor Stopwatch */"));

    [Fact]
    public void Nothing_is_called_utils_helpers_common_or_manager() =>
        Assert.DoesNotContain(RepositoryFiles.All, IsNamedForNothing);

    [Theory]
    [InlineData("src/Culvert.Engine/StringUtils.cs")]
    [InlineData("src/Culvert.Common/X.cs")]
    [InlineData("src/Culvert.Engine/SnapshotManager.cs")]
    [InlineData("tests/Helpers/X.cs")]
    public void A_planted_name_is_found(string path) => Assert.True(IsNamedForNothing(path));

    [Theory]
    [MemberData(nameof(CodeFolders))]
    public void Files_stay_short_enough_to_read(string folder) =>
        AssertNone(
            RepositoryFiles.Ending(".cs").Where(path =>
                path.StartsWith(folder + "/", StringComparison.Ordinal) && !s_long.ContainsKey(path)),
            path => RepositoryFiles.Read(path).Count(c => c == '\n') is var lines and > LinesMax ? [$"{lines} lines"] : []);

    [Fact]
    public void Every_file_that_may_be_long_is_there() => Assert.All(s_long.Keys, path => Assert.True(RepositoryFiles.Exists(path)));

    [Fact]
    public void Every_folder_of_vectors_is_read_by_some_test()
    {
        string tests = string.Concat(RepositoryFiles.Ending(".cs").Where(path => path.StartsWith("tests/", StringComparison.Ordinal)).Select(RepositoryFiles.Read));

        Assert.All(
            RepositoryFiles.All.Where(path => path.StartsWith("tests/vectors/", StringComparison.Ordinal)).Select(path => path.Split('/')[2]).Distinct(),
            folder => Assert.Contains($"\"{folder}\"", tests, StringComparison.Ordinal));
    }

    private static bool IsNamedForNothing(string path) =>
        path.Split('/', '.').Any(part =>
            ((string[])["Utils", "Util", "Helpers", "Helper", "Common", "Manager"]).Any(name => part.EndsWith(name, StringComparison.Ordinal)));

    private static IEnumerable<string> TextFiles() =>
        RepositoryFiles.Ending(s_textEndings)
            .Concat(["culvert", "test", ".ci/run"])

            // The planted flaws of these tests.
            .Where(path => !path.StartsWith("tests/Culvert.Repository.Tests/", StringComparison.Ordinal));

    private static void AssertNone(IEnumerable<string> paths, Func<string, IEnumerable<string>> rule) =>
        Assert.Empty(paths.SelectMany(path => rule(path).Select(found => $"{path}: {found}")));
}
