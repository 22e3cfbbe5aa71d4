using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Benchmarks.Flights;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary>
/// The delayed flights' input three times: a plain CSV file, a sealed file with all of its columns, and the two columns that
/// the query reads, parsed and in memory. The sealed file is made anew and goes with this.
/// </summary>
internal sealed class FlightsData : IDisposable
{
    private static readonly string[] s_texts = ["UniqueCarrier", "TailNum", "Origin", "Dest", "CancellationCode"];

    private FlightsData(string csv, string sealedPath, Secret owner) => (Csv, Sealed, Owner) = (csv, sealedPath, owner);

    /// <summary>The plain file.</summary>
    internal string Csv { get; }

    /// <summary>The sealed file.</summary>
    internal string Sealed { get; }

    /// <summary>Who sealed it.</summary>
    internal Secret Owner { get; }

    /// <summary>Rows of each.</summary>
    internal long Rows { get; private set; }

    /// <summary>Row groups of the sealed file.</summary>
    internal int Groups { get; private set; }

    /// <summary>Sealed bytes of the columns that the query reads.</summary>
    internal long QueryBytes { get; private set; }

    /// <summary>The two columns by row group; they stay here.</summary>
    internal IReadOnlyList<Batch> Parsed { get; private set; } = [];

    /// <summary>Generates, seals and parses.</summary>
    internal static FlightsData Make(long rows)
    {
        string csv = FlightsFile.OfRows(rows);
        string path = Repository.PathOf(".build", "data", $"securestreams-{Guid.NewGuid():N}.sealed");
        FlightsData data = new(csv, path, Secret.CopyOf(RandomNumberGenerator.GetBytes(Secret.KeyBytes)));
        try
        {
            data.Seal();
            data.Parse();
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>The sealed file as a source, given so many times.</summary>
    internal SealedFileSourceSpec SealedSource(int times, int partitions = FlightsQuery.Partitions) => new(new SealedFileSourceSettings
    {
        Inputs = [.. Enumerable.Repeat(Sealed, times)],
        Owner = CopyOfOwner,
        PartitionCount = partitions,
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Batch batch in Parsed)
        {
            batch.Dispose();
        }

        Owner.Dispose();
        File.Delete(Sealed);
    }

    private Secret CopyOfOwner() => Secret.CopyOf(Owner.Bytes);

    private void Seal()
    {
        using CsvSource source = CsvSource.Open(new CsvSourceSettings
        {
            Inputs = [Csv],
            PartitionCount = 1,
            Csv = new CsvOptions
            {
                Missing = ["", "NA"],
                Types = FlightsGenerator.Columns.Split(',').ToImmutableDictionary(
                    name => name,
                    name => new ColumnType(s_texts.Contains(name) ? ValueKind.Text : ValueKind.Int32, Nullable: name != s_texts[0])),
            },
        });
        StreamId stream = SealedFileHeader.NewStream(MachineEntropy.Instance);
        using Secret key = KeySchedule.FileKey(Owner, stream);
        SealedFileHeader header = SealedFileHeader.Seal(
            key, stream, KeySchedule.KeyId(Owner), 1, SealedRowsWriter.Contents(SealedFileKind.Data, "flights", source.Schema), MachineEntropy.Instance);
        using FileStream file = File.Create(Sealed);
        file.Write(header.Bytes.Span);
        using SealedRowsWriter writer = new(source.Schema, new SealedStrandWriter(key, header, 0, MachineEntropy.Instance), block => file.Write(block.Span));
        using ISourcePartition partition = source.Open(new PartitionId(0), default);
        while (partition.ReadRound(batch => Append(writer, batch), CancellationToken.None).Kind != SourceStepKind.End)
        {
        }

        StrandEnd end = writer.End(new SealedCoverage { RowsRead = writer.Strand.RowCount });
        (Rows, Groups) = (end.RowCount, end.GroupCount);
    }

    private static void Append(SealedRowsWriter writer, Batch batch)
    {
        using (batch)
        {
            writer.Append(batch);
        }
    }

    private void Parse()
    {
        using SealedFileSource source = SealedFileSource.Open(SealedSource(1).Settings with { PartitionCount = 1 }, FlightsQuery.Columns);
        using ISourcePartition partition = source.Open(new PartitionId(0), default);
        List<Batch> parsed = [];
        Parsed = parsed;
        while (partition.ReadRound(parsed.Add, CancellationToken.None).Kind != SourceStepKind.End)
        {
        }

        using FileStream file = File.OpenRead(Sealed);
        using SealedFileReader reader = FlightsQuery.Checked(SealedFileReader.Open(Sealed, file, Owner));
        int[] wanted = [.. FlightsQuery.Columns.Fields.Select(f => reader.Contents.ColumnNames.IndexOf(f.Name))];
        for (int g = 0; g < Groups; g++)
        {
            OpenedGroup group = FlightsQuery.Checked(reader.OpenGroup(0, g));
            QueryBytes += wanted.Sum(group.ColumnBytes);
        }
    }
}
