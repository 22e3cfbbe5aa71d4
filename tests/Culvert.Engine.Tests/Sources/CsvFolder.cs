using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Sources;

/// <summary>A folder of files that goes when the test ends, and sources over them.</summary>
public sealed class CsvFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("culvert-csv-");

    public string PathOf(string name) => Path.Join(_folder.FullName, name);

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream stored = new();
        using (GZipStream stream = new(stored, CompressionLevel.Fastest))
        {
            stream.Write(bytes);
        }

        return stored.ToArray();
    }

    /// <summary>Rows as text, partition by partition, in order.</summary>
    public static List<string> ReadAll(CsvSource source) => [.. Enumerable.Range(0, source.PartitionCount).SelectMany(p => Read(source, p))];

    public static List<string> Read(CsvSource source, int partition, byte[]? position = null)
    {
        List<string> rows = [];
        using ISourcePartition reader = source.Open(new PartitionId(partition), position);
        while (reader.ReadRound(batch => Add(rows, batch), CancellationToken.None).Kind == SourceStepKind.Round)
        {
        }

        return rows;
    }

    public static void Add(List<string> rows, Batch batch)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            rows.Add(string.Join('|', batch.GetRow(i).Select(v => v is null ? "null" : Convert.ToString(v, CultureInfo.InvariantCulture))));
        }

        batch.Dispose();
    }

    public static byte[] Position(ISourcePartition partition)
    {
        ArrayBufferWriter<byte> writer = new();
        partition.WritePosition(writer);
        return writer.WrittenSpan.ToArray();
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
