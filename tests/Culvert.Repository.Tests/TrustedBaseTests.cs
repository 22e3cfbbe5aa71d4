namespace Culvert.Repository.Tests;

public sealed class TrustedBaseTests(ITestOutputHelper output)
{
    private const string Enclaves = "src/Culvert.Enclaves/Culvert.Enclaves.csproj";

    /// <summary>
    /// Whoever adds to what has to be trusted past this raises it, and says why. Raised from 36,000 with attestation: an enclave
    /// makes evidence and states results, and the room that defines both has the verifiers and proofs too
    /// (docs/decisions/0011-one-way-to-a-stage-key.md).
    /// </summary>
    private const int CodeLinesMax = 44_000;

    private static readonly string[] s_rooms = ["Attestation", "Enclaves", "Lua", "Primitives", "Sealing", "Stages", "Streams"];

    [Fact]
    public void An_enclave_loads_these_rooms_and_no_others() =>
        Assert.Equal(s_rooms.Select(room => $"src/Culvert.{room}/Culvert.{room}.csproj"), TrustedBase.Projects(Enclaves, RepositoryFiles.Read));

    [Fact]
    public void No_package_is_in_it_but_the_lua_interpreter()
    {
        Assert.Equal(["KeraLua"], TrustedBase.Projects(Enclaves, RepositoryFiles.Read).SelectMany(p => TrustedBase.Packages(RepositoryFiles.Read(p))));
        Assert.Equal(["KeraLua"], TrustedBase.Resolved(RepositoryFiles.Read("src/Culvert.Enclaves/packages.lock.json")));
    }

    [Fact]
    public void Its_lines_are_counted_and_bounded()
    {
        int all = 0;
        foreach (string project in TrustedBase.Projects(Enclaves, RepositoryFiles.Read))
        {
            string folder = $"{Path.GetDirectoryName(project)!.Replace('\\', '/')}/";
            string[] files = [.. RepositoryFiles.Ending(".cs").Where(path => path.StartsWith(folder, StringComparison.Ordinal))];
            int lines = files.Sum(path => TrustedBase.CodeLines(RepositoryFiles.Read(path)));
            Assert.True(lines > 0, $"{folder} has no code");
            output.WriteLine($"{lines,7:N0} lines of code in {files.Length,3} files of {folder}");
            all += lines;
        }

        output.WriteLine($"{all,7:N0} lines of code that an enclave loads, beside .NET and Lua");
        TestContext.Current.SendDiagnosticMessage($"trusted base: {all:N0} lines of code in {s_rooms.Length} rooms");
        Assert.InRange(all, 1, CodeLinesMax);
    }

    [Fact]
    public void A_planted_reference_and_package_are_found()
    {
        Dictionary<string, string> projects = new()
        {
            ["src/Culvert.A/Culvert.A.csproj"] = """<Project><ItemGroup><ProjectReference Include="..\Culvert.B\Culvert.B.csproj" /></ItemGroup></Project>""",
            ["src/Culvert.B/Culvert.B.csproj"] = """<Project><ItemGroup><ProjectReference Include="../Culvert.C/Culvert.C.csproj" /></ItemGroup></Project>""",
            ["src/Culvert.C/Culvert.C.csproj"] = """<Project><ItemGroup><PackageReference Include="WebServer" /></ItemGroup></Project>""",
        };

        IReadOnlyList<string> closure = TrustedBase.Projects("src/Culvert.A/Culvert.A.csproj", path => projects[path]);

        Assert.Equal(projects.Keys, closure);
        Assert.Equal(["WebServer"], closure.SelectMany(path => TrustedBase.Packages(projects[path])));
        Assert.Equal(
            ["WebServer", "Hidden"],
            TrustedBase.Resolved("""{"version":2,"dependencies":{"net10.0":{"WebServer":{"type":"Direct"},"Hidden":{"type":"Transitive"},"culvert.b":{"type":"Project"}}}}"""));
    }

    [Fact]
    public void Neither_comments_nor_empty_lines_are_code() =>
        Assert.Equal(2, TrustedBase.CodeLines("// a\n\n  /// b\nint c; // d\n\t\n}\n"));
}
