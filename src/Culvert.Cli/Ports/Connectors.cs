using System.Collections.Immutable;
using System.Globalization;
using Culvert.Engine;
using Culvert.JobFiles;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary>The engine's sources and sinks for job files, with paths resolved.</summary>
internal sealed class Connectors(JobFolder folder, IReadOnlyList<string> input, MalformedRows malformed) : IConnectors
{
    private static readonly string[] GeneratorNames = ["sensors"];

    public IReadOnlyList<string> Generators => GeneratorNames;

    public Outcome<SourceSpec> Csv(CsvRequest request, Schema schema) => new CsvSourceSpec(new CsvSourceSettings
    {
        Inputs = Resolve(request.Paths),
        Csv = malformed.Policy is { } policy ? request.Options with { Malformed = policy } : request.Options,
        SetAsidePath = malformed.SetAside ?? (request.SetAside is null ? null : folder.Resolve(request.SetAside)),
        Follow = request.Follow,
    });

    public Outcome<SourceSpec> Lines(IReadOnlyList<string> paths, bool follow) => new CsvSourceSpec(new CsvSourceSettings
    {
        Inputs = Resolve([.. paths]),
        Csv = CsvOptions.Lines,
        Follow = follow,
    });

    public Outcome<GeneratedSource> Generate(string name, IReadOnlyDictionary<string, string> settings)
    {
        SensorSourceSpec spec = new();
        foreach ((string key, string value) in settings)
        {
            if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) || number < 1 || number > int.MaxValue)
            {
                return new Failure(FailureKind.Malformed, $"the generator's setting '{key}' is '{value}': a whole number from 1 to {int.MaxValue} was expected");
            }

            switch (key)
            {
                case "sensors":
                    spec = spec.With(sensors: (int)number);
                    break;
                case "rate" when number <= 10_000_000:
                    spec = spec.With(rate: (int)number);
                    break;
                case "rows":
                    spec = spec.With(rows: number);
                    break;
                case "seed":
                    spec = spec.With(seed: (ulong)number);
                    break;
                default:
                    return new Failure(FailureKind.Missing, $"the generator 'sensors' has no setting '{key}' of {value}: it has sensors, rate (up to 10000000), rows and seed");
            }
        }

        return new GeneratedSource(spec, SensorSourceSpec.Columns);
    }

    public Outcome<SinkSpec> Sink(SinkRequest request) => request.Kind switch
    {
        SinkKind.Table => new TableSinkSpec(Console.Out),
        SinkKind.Discard => new DiscardSinkSpec(),
        SinkKind.Csv => File(request.Path, new CsvFormat()),
        _ => File(request.Path, new JsonLinesFormat()),
    };

    private SinkSpec File(string? path, RowFormat format) => path is null or "-"
        ? new PipeSinkSpec(Console.OpenStandardOutput(), format)
        : new FileSinkSpec(folder.Resolve(path), format);

    /// <summary>What the command line names is of the current folder; all else is of the job file's.</summary>
    private ImmutableArray<string> Resolve(ImmutableArray<string> paths) =>
        input.Count > 0 && paths.AsSpan().SequenceEqual([.. input]) ? paths : [.. paths.Select(folder.Resolve)];
}

/// <summary>What the command line says about rows that cannot be read; null leaves it to the job file.</summary>
internal sealed record MalformedRows(MalformedRowPolicy? Policy = null, string? SetAside = null)
{
    /// <summary>Reads <c>--malformed</c>: fail, skip, or a file's name.</summary>
    internal static MalformedRows Parse(string? text) => text switch
    {
        null => new MalformedRows(),
        "fail" => new MalformedRows(MalformedRowPolicy.Fail),
        "skip" => new MalformedRows(MalformedRowPolicy.Skip),
        _ => new MalformedRows(MalformedRowPolicy.SetAside, text),
    };
}
