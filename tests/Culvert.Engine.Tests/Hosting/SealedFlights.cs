using System.Collections.Immutable;
using System.Globalization;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>A folder with an owner's secret and sealed flights of a seed, and the delayed-flights job over them; it goes when the test ends.</summary>
internal sealed class SealedFlights : IDisposable
{
    internal const int GroupRows = 64;

    private static readonly string[] s_carriers = ["AA", "B6", "CO", "DL", "EV", "HA", "UA", "WN"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("culvert-hosting-");

    internal SealedFlights(int rows = 2000)
    {
        Owner = Secret.Random(MachineEntropy.Instance);
        Input = PathOf("flights.sealed");
        Honest = Seal(Input, rows, seed: 1);
    }

    internal Secret Owner { get; }

    /// <summary>The sealed file.</summary>
    internal string Input { get; }

    /// <summary>What the job gives for it: carrier, delayed, total, sorted by carrier.</summary>
    internal string[] Honest { get; }

    internal string Output => PathOf("result.sealed");

    internal string Snapshots => PathOf("snapshots");

    internal string PathOf(string name) => Path.Join(_folder.FullName, name);

    /// <summary>The job over the sealed file, in a mode, with its result at the owner (a sink) or sealed (no sink).</summary>
    internal Plan Plan(Protection protection, SinkSpec? sink = null, string? input = null, SourceSpec? source = null, int groupsPerRound = 2)
    {
        SourceSpec flights = source ?? new SealedFileSourceSpec(new SealedFileSourceSettings
        {
            Inputs = [input ?? Input],
            Owner = () => Secret.CopyOf(Owner.Bytes),
            PartitionCount = 3,
            GroupsPerRound = groupsPerRound,
        });
        Job job = Jobs.DelayedFlights(flights, sink ?? new SealedResultSinkSpec());
        return Streams.Plan.Compile(JobProtection.Apply(job, protection));
    }

    /// <summary>Options of a run with two workers at a host in this process; <paramref name="made"/> gets the host.</summary>
    internal OwnerRunOptions Options(Plan plan, Action<LocalHost> made, Func<int, IMessageChannel, IMessageChannel>? through = null) => new()
    {
        Workers = 2,
        Output = Output,
        Code = LuaScripts.Of(plan).WriteCanonical().Value,
        StallMax = TimeSpan.FromSeconds(30),
        Host = () =>
        {
            LocalHost host = new(through);
            made(host);
            return host;
        },
    };

    /// <summary>Seals random flights into a file, and gives the honest result of them.</summary>
    internal string[] Seal(string path, int rows, int seed)
    {
        (string csv, string[] honest) = Flights(rows, seed);
        string plain = path + ".csv";
        File.WriteAllText(plain, csv);
        using CsvSource source = CsvSource.Open(new CsvSourceSettings
        {
            Inputs = [plain],
            PartitionCount = 1,
            Csv = new CsvOptions
            {
                Missing = ["", "NA"],
                Types = ImmutableDictionary<string, ColumnType>.Empty.Add("UniqueCarrier", Jobs.Text).Add("ArrDelay", Jobs.NullableInt),
            },
        });
        StreamId stream = SealedFileHeader.NewStream(MachineEntropy.Instance);
        using Secret key = KeySchedule.FileKey(Owner, stream);
        SealedFileHeader header = SealedFileHeader.Seal(
            key, stream, KeySchedule.KeyId(Owner), 1, SealedRowsWriter.Contents(SealedFileKind.Data, "flights", source.Schema), MachineEntropy.Instance);
        using FileStream output = File.Create(path);
        output.Write(header.Bytes.Span);
        using SealedRowsWriter writer = new(
            source.Schema, new SealedStrandWriter(key, header, 0, MachineEntropy.Instance), block => output.Write(block.Span), GroupRows);
        using ISourcePartition partition = source.Open(new PartitionId(0), default);
        while (partition.ReadRound(batch => Append(writer, batch), CancellationToken.None).Kind == SourceStepKind.Round)
        {
        }

        writer.End(new SealedCoverage { RowsRead = rows });
        return honest;
    }

    /// <summary>Random flights as CSV, and what the job gives for them.</summary>
    internal static (string Csv, string[] Honest) Flights(int rows, int seed)
    {
        Random random = new(seed);
        SortedDictionary<string, (long Count, long Total)> counts = new(StringComparer.Ordinal);
        System.Text.StringBuilder csv = new("UniqueCarrier,ArrDelay,Distance\n");
        for (int i = 0; i < rows; i++)
        {
            string carrier = s_carriers[random.Next(s_carriers.Length)];
            int delay = random.Next(-40, 160);
            bool isMissing = random.Next(20) == 0;
            csv.Append(CultureInfo.InvariantCulture, $"{carrier},{(isMissing ? "NA" : delay.ToString(CultureInfo.InvariantCulture))},{random.Next(3000)}\n");
            if (!isMissing && delay > 0)
            {
                (long count, long total) = counts.GetValueOrDefault(carrier);
                counts[carrier] = (count + 1, total + delay);
            }
        }

        return (csv.ToString(), [.. counts.Select(c => $"{c.Key}|{c.Value.Count}|{c.Value.Total}")]);
    }

    /// <summary>A sealed result, opened and verified as its owner would: rows, and what it says of its inputs. Null with a reason when it is refused.</summary>
    internal (string[]? Rows, ImmutableArray<SealedInput> Inputs, string? Refused) OpenResult(string? path = null)
    {
        path ??= Output;
        using FileStream stream = File.OpenRead(path);
        Outcome<SealedFileReader> reader = SealedFileReader.Open(path, stream, Owner);
        if (reader.Failure is { } unread)
        {
            return (null, [], unread.Message);
        }

        using SealedFileReader file = reader.Value;
        if (!file.IsComplete)
        {
            return (null, [], file.Incomplete().Message);
        }

        if (file.Verify() is { } altered)
        {
            return (null, [], altered.Message);
        }

        List<string> rows = [];
        using SealedFileSource source = SealedFileSource.Open(
            new SealedFileSourceSettings { Inputs = [path], Owner = () => Secret.CopyOf(Owner.Bytes), PartitionCount = 1 }, null);
        using ISourcePartition partition = source.Open(new PartitionId(0), default);
        while (partition.ReadRound(batch => Add(rows, batch), CancellationToken.None).Kind == SourceStepKind.Round)
        {
        }

        SealedCoverage coverage = SealedCoverage.Merge([.. file.Ends.Select(e => SealedCoverage.FromBytes(e!.Coverage.Span).Value)]);
        rows.Sort(StringComparer.Ordinal);
        return ([.. rows], coverage.Inputs, null);
    }

    /// <summary>Rows that came to the owner, as the honest result has them.</summary>
    internal static string[] RowsOf(ResultRows result) => [.. result.Sorted().Select(r => Row(r.Batch, r.Row)).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        Owner.Dispose();
        _folder.Delete(recursive: true);
    }

    private static void Append(SealedRowsWriter writer, Batch batch)
    {
        using (batch)
        {
            writer.Append(batch);
        }
    }

    private static void Add(List<string> rows, Batch batch)
    {
        using (batch)
        {
            for (int i = 0; i < batch.Count; i++)
            {
                rows.Add(Row(batch, i));
            }
        }
    }

    private static string Row(Batch batch, int row) => string.Join('|', batch.GetRow(row).Take(3).Select(v => v is null ? "" : ValueText.Format(v)));
}
