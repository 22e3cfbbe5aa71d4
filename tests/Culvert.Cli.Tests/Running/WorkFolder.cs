namespace Culvert.Cli.Tests.Running;

/// <summary>A folder of its own for a test, with files by name.</summary>
public abstract class WorkFolder : IDisposable
{
    private protected string Folder { get; } = Directory.CreateTempSubdirectory("culvert-cli-").FullName;

    /// <summary>A job over in.csv with the columns a and b, with one stage and a sink.</summary>
    private protected static string Job(string stage, string sink = "sink: { jsonl: '-' }") => $$"""
        job: t
        source:
          csv: in.csv
          types: { a: int64, b: 'int64?' }
        stages:
          - {{stage}}
        {{sink}}
        """;

    private protected static string Flights => Path.Combine(Repository, "examples", "delayed-flights", "job.yaml");

    private protected static string Repository
    {
        get
        {
            string? at = AppContext.BaseDirectory;
            while (at is not null && !File.Exists(Path.Combine(at, "Culvert.slnx")))
            {
                at = Path.GetDirectoryName(at);
            }

            return at ?? throw new InvalidOperationException("the tests are not inside the repository");
        }
    }

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected ProgramResult Culvert(params string[] arguments) => CulvertProgram.Run(Folder, arguments);

    private protected string At(string name) => Path.Combine(Folder, name);

    private protected void Write(string name, string text) => File.WriteAllText(At(name), text);

    private protected string Read(string name) => File.ReadAllText(At(name));
}
