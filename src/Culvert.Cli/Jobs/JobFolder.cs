using System.Collections.Immutable;
using System.Text;
using Culvert.Engine;
using Culvert.JobFiles;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Jobs;

/// <summary>The files beside a job file, on this machine's disk.</summary>
internal sealed class JobFolder(JobRequest request) : IJobFiles
{
    private readonly HashSet<string> _inputFailures = [];

    /// <summary>What was wrong with inputs, and not with the job file.</summary>
    internal IReadOnlySet<string> InputFailures => _inputFailures;

    /// <summary>Standard input, looked at or not.</summary>
    internal ReplayedInput StandardInput => field ??= new ReplayedInput(Console.OpenStandardInput());

    public Outcome<string> ReadText(string path, int lengthMax)
    {
        string file = Resolve(path);
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read);
            if (stream.Length > lengthMax)
            {
                return new Failure(FailureKind.TooLarge, $"{file} has {stream.Length} bytes, and at most {lengthMax} are allowed");
            }

            using StreamReader reader = new(stream, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Failure(FailureKind.Missing, $"{file}: no such file");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"{file} cannot be read: {failure.Message}");
        }
    }

    public Outcome<Schema> ProbeCsv(IReadOnlyList<string> paths, CsvOptions options)
    {
        ImmutableArray<string> inputs = ResolveInputs(paths);
        try
        {
            if (SealedFileSource.AreSealed(inputs))
            {
                if (request.Owner is null && request.IsSealedForOthers)
                {
                    return options.Columns.IsEmpty
                        ? InputFailure($"{string.Join(", ", inputs)} is sealed, and without the owner's key its columns are not known: declare them with 'columns' and 'types'")
                        : new Schema(options.Columns.Select(c => new Field(c.Name, options.Types.GetValueOrDefault(c.Name, c.Type ?? new ColumnType(ValueKind.Text)))));
                }

                Schema stored = SealedFileSource.ReadSchema(SealedSettings(inputs));
                bool nameless = stored.Fields.Select((f, i) => f.Name == $"column{i + 1}").All(n => n);
                return nameless && options.Columns.Any(c => stored.IndexOf(c.Name) < 0)
                    ? InputFailure($"{string.Join(", ", inputs)} was sealed from a file without a header, so that its columns have no names: seal it with --job, which gives them the job's")
                    : Declared(stored, options);
            }

            CsvSourceSettings settings = new() { Inputs = inputs, Csv = options with { Malformed = MalformedRowPolicy.Skip } };
            using CsvSource source = CsvSource.Open(settings, standardInput: inputs.Contains("-") ? StandardInput.Look() : null);
            return source.Schema.Fields.Any(f => f.Name.Any(c => char.IsControl(c) || c == '\uFFFD'))
                ? InputFailure($"{string.Join(", ", inputs)}: the first line is not text, so this is no CSV with a header; if it is CSV without one, declare its columns with 'columns'")
                : source.Schema.Count > 0
                ? source.Schema
                : InputFailure($"{string.Join(", ", inputs)}: empty, so that its columns are not known; declare them with 'columns', or give other input");
        }
        catch (Exception failure) when (failure is SourceFailedException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return InputFailure(failure.Message);
        }
    }

    public Outcome<LookupTable> ReadTable(string path, string on, ColumnType onType, IReadOnlyList<string> add) =>
        CsvTable.Read(Resolve(path), on, onType, add);

    /// <summary>A path of the job file, from here.</summary>
    internal string Resolve(string path) => request.Folder.Length == 0 || path == "-" ? path : Path.Combine(request.Folder, path);

    /// <summary>Paths of a source: those of the command line stay as they are.</summary>
    internal ImmutableArray<string> ResolveInputs(IReadOnlyList<string> paths) =>
        !request.Input.IsEmpty && paths.SequenceEqual(request.Input) ? request.Input : [.. paths.Select(Resolve)];

    /// <summary>Sealed files as a source reads them. Without a key that is an error which says so.</summary>
    internal SealedFileSourceSettings SealedSettings(ImmutableArray<string> inputs) => new()
    {
        Inputs = inputs,
        Owner = request.Owner ?? (request.IsSealedForOthers
            ? () => throw OwnerKeyException.Usage($"{string.Join(", ", inputs)} is sealed, and a stage here would have to open it: name the owner's key with --key")
            : throw new SourceFailedException($"{string.Join(", ", inputs)} is sealed: name the owner's key with --key")),
    };

    /// <summary>The types that the job declares, in place of those that the file has; whether they fit is checked when it is opened.</summary>
    private static Schema Declared(Schema stored, CsvOptions options) =>
        new(stored.Fields.Select(f => f with { Type = options.Types.GetValueOrDefault(f.Name, f.Type) }));

    private Failure InputFailure(string message)
    {
        _inputFailures.Add(message);
        return new Failure(FailureKind.Malformed, message);
    }
}
