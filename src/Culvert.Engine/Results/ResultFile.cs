using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Takes a row's canonical bytes (<see cref="BatchRows"/>), valid in the call only.</summary>
public delegate void RowBytesTaker(ReadOnlySpan<byte> row);

/// <summary>
/// The rows of a result's file as the bytes that its proof digests (docs/specs/proof.md, "Canonical rows"), read as a stream.
/// Files are hostile: what is not a row of the given columns is refused, with its place.
/// </summary>
public static class ResultFile
{
    /// <summary>Bytes of the longest row of a file.</summary>
    public const int RowBytesMax = 256 << 20;

    /// <summary>The format that a file's name tells; null when it tells none.</summary>
    public static ResultFileFormat? FormatOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".json" => ResultFileFormat.Json,
        ".jsonl" or ".ndjson" => ResultFileFormat.JsonLines,
        ".csv" => ResultFileFormat.Csv,
        _ => null,
    };

    /// <summary>Reads all rows; how many there were. What the operating system refuses throws <see cref="IOException"/>.</summary>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="stream">Its bytes; stays the caller's.</param>
    /// <param name="format">Its form.</param>
    /// <param name="schema">The columns that it has to have.</param>
    /// <param name="take">Takes each row.</param>
    public static Outcome<long> Read(string name, Stream stream, ResultFileFormat format, Schema schema, RowBytesTaker take) => format switch
    {
        ResultFileFormat.Csv => new CsvResultReader(name, stream, schema, take).Read(),
        _ => new JsonResultReader(name, stream, isDocument: format == ResultFileFormat.Json, schema, take).Read(),
    };
}
