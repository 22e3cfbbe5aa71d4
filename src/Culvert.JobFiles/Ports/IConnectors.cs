using Culvert.Streams;

namespace Culvert.JobFiles;

/// <summary>Makes the specs of sources and sinks that the engine can open. Paths are as the job file has them.</summary>
public interface IConnectors
{
    /// <summary>The names of the built-in generators.</summary>
    IReadOnlyList<string> Generators { get; }

    /// <summary>CSV files with all columns of <paramref name="schema"/>.</summary>
    Outcome<SourceSpec> Csv(CsvRequest request, Schema schema);

    /// <summary>Text files whose lines are events of one text column, <c>line</c>.</summary>
    Outcome<SourceSpec> Lines(IReadOnlyList<string> paths, bool follow);

    /// <summary>A generator by its name and settings, and the columns that it makes.</summary>
    Outcome<GeneratedSource> Generate(string name, IReadOnlyDictionary<string, string> settings);

    /// <summary>A receiver of events.</summary>
    Outcome<SinkSpec> Sink(SinkRequest request);
}
