namespace Culvert.Repository.Tests;

public class RoomTests
{
    public static TheoryData<string> Projects => [.. RepositoryFiles.Ending(".csproj").Where(path => path.StartsWith("src/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_room_references_only_what_the_table_allows(string path) =>
        Assert.Empty(Rooms.Violations(RoomOf(path), RepositoryFiles.Read(path)));

    [Theory]
    [InlineData("Streams", "../Culvert.Engine/Culvert.Engine.csproj", "Streams references Engine, which it may not")]
    [InlineData("Streams", "..\\Culvert.Lua\\Culvert.Lua.csproj", "Streams references Lua, which it may not")]
    [InlineData("JobFiles", "../Culvert.Stages/Culvert.Stages.csproj", "JobFiles references Stages, which it may not")]
    [InlineData("Engine", "../Culvert.Simulation/Culvert.Simulation.csproj", "Engine references Simulation, which it may not")]
    [InlineData("Cellar", "../Culvert.Primitives/Culvert.Primitives.csproj", "Cellar is not in the table of rooms")]
    public void A_planted_violation_is_found(string room, string reference, string violation)
    {
        string project = $"""<Project><ItemGroup><ProjectReference Include="{reference}" /></ItemGroup></Project>""";

        Assert.Equal([violation], Rooms.Violations(room, project));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_room_has_a_project_of_tests(string path) =>
        Assert.True(RepositoryFiles.Exists($"tests/Culvert.{RoomOf(path)}.Tests/Culvert.{RoomOf(path)}.Tests.csproj"));

    [Fact]
    public void The_solution_names_every_project()
    {
        string solution = RepositoryFiles.Read("Culvert.slnx");

        Assert.All(
            RepositoryFiles.Ending(".csproj").Where(path => !path.StartsWith("examples/", StringComparison.Ordinal)),
            path => Assert.Contains($"\"{path}\"", solution, StringComparison.Ordinal));
    }

    private static string RoomOf(string path) => Path.GetFileNameWithoutExtension(path)["Culvert.".Length..];
}
