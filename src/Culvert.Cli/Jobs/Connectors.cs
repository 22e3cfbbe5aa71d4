using System.Collections.Immutable;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Engine;
using Culvert.JobFiles;
using Culvert.JobFiles.Keys;
using Culvert.Streams;

namespace Culvert.Cli.Jobs;

/// <summary>The engine's sources and sinks for what a job file asks for.</summary>
internal sealed class Connectors(JobRequest request, JobFolder folder) : IConnectors
{
    private static readonly string[] s_generators = ["sensors"];

    public IReadOnlyList<string> Generators => s_generators;

    public Outcome<SourceSpec> Csv(CsvRequest asked, Schema schema)
    {
        ImmutableArray<string> inputs = folder.ResolveInputs(asked.Paths);
        if (SealedFileSource.AreSealed(inputs))
        {
            return request.Owner is null && !request.IsSealedForOthers
                ? new Failure(FailureKind.Missing, $"{string.Join(", ", inputs)} is sealed: name the owner's key with --key")
                : new SealedFileSourceSpec(folder.SealedSettings(inputs));
        }

        MalformedRowPolicy policy = request.Malformed ?? asked.Options.Malformed;
        string? aside = policy != MalformedRowPolicy.SetAside ? null
            : request.SetAside ?? (asked.SetAside is { } own ? folder.Resolve(own) : null);
        CsvSourceSpec spec = new(new CsvSourceSettings
        {
            Inputs = inputs,
            Csv = asked.Options with { Malformed = policy },
            Follow = asked.Follow || request.Follow,
            SetAsidePath = aside,
        });
        return asked.Paths.Contains("-") ? spec.WithStandardInput(folder.StandardInput.Read) : spec;
    }

    public Outcome<SourceSpec> Lines(IReadOnlyList<string> paths, bool follow)
    {
        CsvSourceSpec spec = new(new CsvSourceSettings
        {
            Inputs = folder.ResolveInputs([.. paths]),
            Csv = CsvOptions.Lines,
            Follow = follow || request.Follow,
        });
        return paths.Contains("-") ? spec.WithStandardInput(folder.StandardInput.Read) : spec;
    }

    public Outcome<GeneratedSource> Generate(string name, IReadOnlyDictionary<string, string> settings)
    {
        SensorOptions options = new();
        foreach ((string key, string text) in settings)
        {
            SensorOptions? read = Set(options, key, text, out bool known);
            if (read is null)
            {
                return new Failure(FailureKind.Malformed, known
                    ? $"'{text}' is nothing that '{key}' can be"
                    : $"the generator '{name}' has no setting '{key}'; there are rows, seed, sensors, rate, paced, disorder and start");
            }

            options = read;
        }

        try
        {
            return new GeneratedSource(new SensorSourceSpec(options), SensorSourceSpec.Readings);
        }
        catch (ArgumentException failure)
        {
            return new Failure(FailureKind.Malformed, failure.Message);
        }
    }

    public Outcome<SinkSpec> Sink(SinkRequest asked) => asked.Kind switch
    {
        SinkKind.Table => new TableSinkSpec(Terminal.Out, asked.Rows),
        SinkKind.Discard => new DiscardSinkSpec(),
        SinkKind.Csv => ToPath(folder.Resolve(asked.Path!), new CsvFormat()),
        _ => ToPath(folder.Resolve(asked.Path!), new JsonLinesFormat()),
    };

    /// <summary>The sink of a file; standard output and devices cannot be renamed or cut back, and are written to as they are.</summary>
    internal static SinkSpec ToPath(string path, RowFormat format)
    {
        if (path == "-")
        {
            return new StreamSinkSpec(DescriptorStream.StandardOutput, format);
        }

        return OutputFile.IsDevice(path) ? new StreamSinkSpec(OutputFile.OpenDevice(path), format, path) : new FileSinkSpec(path, format);
    }

    private static SensorOptions? Set(SensorOptions options, string key, string text, out bool known)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        known = true;
        switch (key)
        {
            case "rows":
                return long.TryParse(text, NumberStyles.None, culture, out long rows) ? options with { Rows = rows } : null;
            case "seed":
                return ulong.TryParse(text, NumberStyles.None, culture, out ulong seed) ? options with { Seed = seed } : null;
            case "sensors":
                return int.TryParse(text, NumberStyles.None, culture, out int sensors) ? options with { Sensors = sensors } : null;
            case "rate":
                return double.TryParse(text, NumberStyles.Float, culture, out double rate) ? options with { RowsPerSecond = rate } : null;
            case "paced":
                return bool.TryParse(text, out bool paced) ? options with { Paced = paced } : null;
            case "disorder":
                return Duration.TryParse(text, out TimeSpan disorder) ? options with { Disorder = disorder } : null;
            case "start":
                return DateTime.TryParse(text, culture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out DateTime start)
                    ? options with { Start = start }
                    : null;
            default:
                known = false;
                return null;
        }
    }
}
