using Culvert.JobFiles;

namespace Culvert.Cli;

/// <summary>Job files from disk.</summary>
internal static class JobLoading
{
    private const int FileBytesMax = 1 << 20;

    /// <summary>Reads a job file; what is wrong with it is printed, and makes the exit code 2.</summary>
    internal static JobFile Load(string path, IReadOnlyList<string> input, MalformedRows malformed)
    {
        JobFileReading reading = Read(path, input, malformed);
        if (reading.File is null)
        {
            foreach (Diagnostic diagnostic in reading.Diagnostics)
            {
                Console.Error.WriteLine(diagnostic.ToText());
            }

            throw new UsageException($"'{path}' cannot be run as it is");
        }

        return reading.File;
    }

    internal static JobFileReading Read(string path, IReadOnlyList<string> input, MalformedRows malformed)
    {
        JobFolder folder = new(Path.GetDirectoryName(path) ?? "");
        return JobFile.Load(ReadText(path), new JobFileContext(path, new Connectors(folder, input, malformed))
        {
            Files = new InputAwareFiles(folder, input),
            Scripts = new LuaScripts(),
            Input = input,
        });
    }

    internal static string ReadText(string path)
    {
        FileInfo file = new(path);
        if (!file.Exists)
        {
            throw new UsageException(Directory.Exists(path)
                ? $"'{path}' is a folder; a job file was expected"
                : $"there is no job file '{path}'");
        }

        return file.Length > FileBytesMax
            ? throw new UsageException($"'{path}' has {file.Length} bytes; a job file has at most {FileBytesMax}")
            : File.ReadAllText(path);
    }

    /// <summary>Looks at the files of <c>--input</c> where those are meant, which are of the current folder.</summary>
    private sealed class InputAwareFiles(JobFolder folder, IReadOnlyList<string> input) : IJobFiles
    {
        private readonly JobFolder _here = new("");

        public Outcome<string> ReadText(string path, int lengthMax) => folder.ReadText(path, lengthMax);

        public Outcome<Streams.Schema> ProbeCsv(IReadOnlyList<string> paths, Streams.CsvOptions options) =>
            (input.Count > 0 && paths.SequenceEqual(input) ? _here : folder).ProbeCsv(paths, options);

        public Outcome<Streams.LookupTable> ReadTable(string path, string on, Streams.ColumnType onType, IReadOnlyList<string> add) =>
            folder.ReadTable(path, on, onType, add);
    }
}
