using Culvert.Engine;
using Culvert.JobFiles;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary>The files beside a job file, read from disk.</summary>
internal sealed class JobFolder(string folder) : IJobFiles
{
    /// <summary>A path of the job file as a path of this process; standard input and absolute paths stay what they are.</summary>
    internal string Resolve(string path) => path == "-" || folder.Length == 0 ? path : Path.Combine(folder, path);

    public Outcome<string> ReadText(string path, int lengthMax)
    {
        string resolved = Resolve(path);
        try
        {
            FileInfo file = new(resolved);
            if (!file.Exists)
            {
                return new Failure(FailureKind.Missing, $"there is no file '{resolved}'");
            }

            return file.Length > lengthMax
                ? new Failure(FailureKind.TooLarge, $"'{resolved}' has {file.Length} bytes; at most {lengthMax} are allowed")
                : File.ReadAllText(resolved);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"'{resolved}' cannot be read: {failure.Message}");
        }
    }

    public Outcome<Schema> ProbeCsv(IReadOnlyList<string> paths, CsvOptions options)
    {
        try
        {
            using CsvSource source = CsvSource.Open(new CsvSourceSettings { Inputs = [.. paths.Select(Resolve)], Csv = options });
            return source.Schema;
        }
        catch (SourceFailedException failure)
        {
            return new Failure(FailureKind.Io, failure.Message);
        }
    }

    public Outcome<LookupTable> ReadTable(string path, string on, ColumnType onType, IReadOnlyList<string> add)
    {
        try
        {
            return CsvTable.Read(Resolve(path), on, onType, add);
        }
        catch (Exception failure) when (failure is SourceFailedException or ArgumentException)
        {
            return new Failure(FailureKind.Malformed, failure.Message);
        }
    }
}
