using Culvert.JobFiles.Tests.Fakes;

namespace Culvert.JobFiles.Tests;

/// <summary>Each file in tests/vectors/job-files has one flaw, named for it, and beside it what is said about it.</summary>
public class DiagnosticVectorTests
{
    public static TheoryData<string> Names() =>
        [.. Directory.GetFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    private static string Folder => Repository.PathOf("tests", "vectors", "job-files");

    [Theory]
    [MemberData(nameof(Names))]
    public void A_flawed_file_gets_the_diagnostics_beside_it(string name)
    {
        string text = File.ReadAllText(Path.Combine(Folder, name + ".yaml"));
        JobFileReading reading = JobFile.Load(text, Jobs.Context(name + ".yaml"));
        string found = string.Concat(reading.Diagnostics.Select(d => d.ToText() + "\n"));
        string expected = Path.Combine(Folder, name + ".expected");
        if (Environment.GetEnvironmentVariable(JobSchemaTests.UpdateVariable) == "1")
        {
            File.WriteAllText(expected, found);
        }

        Assert.Equal(File.ReadAllText(expected), found);
        Assert.NotEmpty(reading.Diagnostics);
        Assert.Equal(reading.Diagnostics.Any(d => d.Severity == Severity.Error), reading.File is null);
    }
}
