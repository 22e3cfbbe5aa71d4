using System.Buffers;
using System.Globalization;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine.Tests;

/// <summary>Jobs over sealed files and results in sealed files, in the process that has the key.</summary>
public sealed class SealedFileRunTests : IDisposable
{
    private static readonly Schema s_flights = new(
        new Field("UniqueCarrier", Jobs.Text), new Field("Number", new ColumnType(ValueKind.Int16)), new Field("ArrDelay", Jobs.NullableInt));

    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-sealed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_job_over_a_sealed_file_gives_what_it_gives_over_the_rows()
    {
        Dictionary<string, (long, long)> expected = [];
        string path = Seal("f.sealed", 5000, groupRows: 300, count: expected);

        (RunReport report, string[] rows) = await Jobs.RunAsync(sink => Jobs.DelayedFlights(Source(path), sink));

        Assert.Equal(5000, report.Rows);
        Assert.Equal(
            expected.Where(e => e.Value.Item1 > 0).OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Key},{e.Value.Item1},{e.Value.Item2},{(double)e.Value.Item2 / e.Value.Item1}")),
            rows);
    }

    [Fact]
    public void Partitions_read_each_group_once_and_go_on_from_their_positions()
    {
        string path = Seal("f.sealed", 1000, groupRows: 70);
        using SealedFileSource source = SealedFileSource.Open(Source(path, partitions: 4).Settings, new Schema(s_flights[1]));
        List<int> numbers = [];
        for (int p = 0; p < 4; p++)
        {
            ISourcePartition partition = source.Open(new PartitionId(p), default);
            while (partition.ReadRound(Take, TestContext.Current.CancellationToken).Kind == SourceStepKind.Round)
            {
                ArrayBufferWriter<byte> position = new();
                partition.WritePosition(position);
                partition.Dispose();
                partition = source.Open(new PartitionId(p), position.WrittenSpan);
            }

            partition.Dispose();
        }

        Assert.Equal(Enumerable.Range(0, 1000), numbers.Order());

        void Take(Batch batch)
        {
            using (batch)
            {
                Assert.Equal(1, batch.Schema.Count);
                numbers.AddRange(batch.Fixed<short>(0).Values.ToArray().Select(n => (int)n));
            }
        }
    }

    [Fact]
    public void A_row_is_found_by_group_and_number()
    {
        string path = Seal("f.sealed", 200, groupRows: 50);
        using SealedFileSource source = SealedFileSource.Open(Source(path, partitions: 3).Settings, s_flights);
        using ISourcePartition partition = source.Open(new PartitionId(2), default);
        string place = "";

        partition.ReadRound(batch =>
        {
            place = partition.Locate(7);
            batch.Dispose();
        }, TestContext.Current.CancellationToken);

        Assert.Equal("f.sealed: row group 2, row 108", place);
    }

    [Fact]
    public void Narrower_numbers_are_widened_and_everything_else_is_refused_by_name()
    {
        string path = Seal("f.sealed", 100, groupRows: 50);
        using SealedFileSource wide = SealedFileSource.Open(
            Source(path).Settings, new Schema(new Field("Number", new ColumnType(ValueKind.Int64, true)), new Field("ArrDelay", new ColumnType(ValueKind.Float64, true))));
        using ISourcePartition partition = wide.Open(new PartitionId(1), default);
        partition.ReadRound(batch =>
        {
            Assert.Equal(57L, batch[0].GetValue(7));
            Assert.Equal((double?)Delay(57), batch[1].GetValue(7));
            batch.Dispose();
        }, TestContext.Current.CancellationToken);

        Assert.Contains("has no column 'ArrDelays'; the nearest are 'ArrDelay'", Refused(new Field("ArrDelays", Jobs.NullableInt)), StringComparison.Ordinal);
        Assert.Contains("'ArrDelay' is sealed as int32? and the job reads it as float32?,", Refused(new Field("ArrDelay", new ColumnType(ValueKind.Float32, true))), StringComparison.Ordinal);
        Assert.Contains("'UniqueCarrier' is sealed as text and the job reads it as int32,", Refused(new Field("UniqueCarrier", new ColumnType(ValueKind.Int32))), StringComparison.Ordinal);

        string Refused(Field field) => Assert.Throws<SourceFailedException>(() => SealedFileSource.Open(Source(path).Settings, new Schema(field))).Message;
    }

    [Fact]
    public void Whole_numbers_of_a_wider_type_are_read_as_long_as_they_fit()
    {
        string path = Seal("f.sealed", 200, groupRows: 100);

        Assert.Equal([.. Enumerable.Range(100, 28)], First(1).Take(28));
        SourceFailedException refused = Assert.Throws<SourceFailedException>(() => First(1, all: true));
        Assert.Contains("the column 'Number': row 28 has the value 128, which int8 does not hold", refused.Message, StringComparison.Ordinal);

        List<int> First(int groups, bool all = false)
        {
            List<int> numbers = [];
            ColumnType type = new(all ? ValueKind.Int8 : ValueKind.UInt8);
            using SealedFileSource source = SealedFileSource.Open(Source(path).Settings, new Schema(new Field("Number", type)));
            using ISourcePartition partition = source.Open(new PartitionId(groups), default);
            partition.ReadRound(batch =>
            {
                numbers.AddRange(batch.Fixed<byte>(0).Values.ToArray().Select(n => (int)n));
                batch.Dispose();
            }, TestContext.Current.CancellationToken);
            return numbers;
        }
    }

    [Fact]
    public void Only_the_columns_wanted_are_read()
    {
        string path = Seal("f.sealed", 100, groupRows: 100);
        byte[] bytes = File.ReadAllBytes(path);
        using (FileStream stream = File.OpenRead(path))
        {
            SealedFileIndex index = SealedFileIndex.Read(path, stream).Value;
            SealedBlockPlace group = index.Groups(0)[0];
            bytes[group.Offset + group.Header.HeadBytes] ^= 1; // the carriers
        }

        File.WriteAllBytes(path, bytes);
        Assert.Equal(100, ReadAll(new Schema(s_flights[1], s_flights[2])));
        SourceFailedException refused = Assert.Throws<SourceFailedException>(() => ReadAll(s_flights));
        Assert.Equal($"{path}: row group 0, column 'UniqueCarrier' was altered, cut, or put in the place of another", refused.Message);

        int ReadAll(Schema schema)
        {
            using SealedFileSource source = SealedFileSource.Open(Source(path).Settings, schema);
            using ISourcePartition partition = source.Open(new PartitionId(0), default);
            int rows = 0;
            partition.ReadRound(batch =>
            {
                rows += batch.Count;
                batch.Dispose();
            }, TestContext.Current.CancellationToken);
            return rows;
        }
    }

    [Fact]
    public void A_file_without_its_end_is_no_input()
    {
        string path = Seal("f.sealed", 100, groupRows: 50);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^1]);

        Assert.Contains("cut before its end mark", Assert.Throws<SourceFailedException>(() => SealedFileSource.Open(Source(path).Settings, s_flights)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_run_knows_its_files_by_their_content()
    {
        string path = Seal("f.sealed", 100, groupRows: 50);
        using SealedFileSource source = SealedFileSource.Open(Source(path).Settings, s_flights);
        File.Move(path, path + ".moved");
        using SealedFileSource moved = SealedFileSource.Open(Source(path + ".moved").Settings, s_flights);
        using SealedFileSource other = SealedFileSource.Open(Source(Seal("g.sealed", 100, groupRows: 50)).Settings, s_flights);
        using SealedFileSource recut = SealedFileSource.Open(Source(path + ".moved", partitions: 2).Settings, s_flights);

        Assert.True(moved.CheckIdentity(source.Identity.Span).Succeeded);
        Assert.StartsWith("input 1: stream ", other.CheckIdentity(source.Identity.Span).Failure!.Message, StringComparison.Ordinal);
        Assert.Contains("was cut as '8 partitions", recut.CheckIdentity(source.Identity.Span).Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_in_a_sealed_file_is_the_result()
    {
        string path = Seal("f.sealed", 3000, groupRows: 300);
        string output = Path.Combine(_folder, "result.sealed");
        (_, string[] rows) = await Jobs.RunAsync(sink => Jobs.DelayedFlights(Source(path), sink));

        SealedCoverage coverage = new() { RowsRead = 3000 };
        Plan plan = Plan.Compile(Jobs.DelayedFlights(Source(path), new SealedFileSinkSpec(output, "delayed-flights", Owner, MachineEntropy.Instance, () => coverage)));
        await using LocalRun run = await LocalRun.StartAsync(plan, new RunOptions { Workers = 2 }, TestContext.Current.CancellationToken);
        await run.Completion;

        using Secret owner = Owner();
        using SealedFileReader reader = SealedFileReader.Open(output, File.OpenRead(output), owner).Value;
        Assert.Equal((SealedFileKind.Result, "delayed-flights"), (reader.Contents.Kind, reader.Contents.Description));
        Assert.Equal(3000, SealedCoverage.FromBytes(reader.Ends[0]!.Coverage.Span).Value.RowsRead);
        Assert.Equal(rows, Rows(reader).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_sink_that_is_resumed_goes_on_behind_its_snapshot()
    {
        string output = Path.Combine(_folder, "result.sealed");
        SealedFileSinkSpec spec = new(output, "job", Owner, MachineEntropy.Instance);
        Schema schema = new(new Field("n", new ColumnType(ValueKind.Int32)));
        ArrayBufferWriter<byte> position = new();
        using (ISinkWriter first = spec.Open(schema, new PartitionId(0), default))
        {
            Write(first, 1, 2);
            first.WritePosition(position);
            Write(first, 3);
            first.WritePosition(new ArrayBufferWriter<byte>());
        }

        using (ISinkWriter lost = spec.Open(schema, new PartitionId(0), position.WrittenSpan))
        {
            Write(lost, 3, 4);
            lost.Complete();
        }

        Assert.False(File.Exists(output + ".partial"));
        using (ISinkWriter again = spec.Open(schema, new PartitionId(0), position.WrittenSpan))
        {
            Write(again, 3, 4);
            again.Complete();
        }

        using Secret owner = Owner();
        using SealedFileReader reader = SealedFileReader.Open(output, File.OpenRead(output), owner).Value;
        Assert.Null(reader.Verify());
        Assert.Equal(["1", "2", "3", "4"], Rows(reader));
        Assert.Equal(0, reader.Index.SupersededBytes);

        void Write(ISinkWriter writer, params int[] values)
        {
            using Batch batch = new(schema, [new FixedColumn<int>(schema[0].Type, values, values.Length, null, ColumnPool.None)], values.Length);
            writer.Write(batch, new Round(0));
        }
    }

    [Fact]
    public void A_sink_is_not_resumed_over_a_file_that_was_cut_or_replaced()
    {
        string output = Path.Combine(_folder, "result.sealed");
        SealedFileSinkSpec spec = new(output, "job", Owner, MachineEntropy.Instance);
        Schema schema = new(new Field("n", new ColumnType(ValueKind.Int32)));
        ArrayBufferWriter<byte> position = new();
        using (ISinkWriter first = spec.Open(schema, new PartitionId(0), default))
        {
            first.WritePosition(position);
        }

        string partial = output + ".partial";
        byte[] bytes = File.ReadAllBytes(partial);
        File.WriteAllBytes(partial, bytes[..^1]);
        Assert.Contains("was cut", Assert.Throws<StageFailedException>(() => spec.Open(schema, new PartitionId(0), position.WrittenSpan)).Message, StringComparison.Ordinal);
        using (spec.Open(schema, new PartitionId(0), default))
        {
        }

        Assert.Contains("another sealed file", Assert.Throws<StageFailedException>(() => spec.Open(schema, new PartitionId(0), position.WrittenSpan)).Message, StringComparison.Ordinal);
        File.Delete(partial);
        Assert.Contains("there is neither", Assert.Throws<StageFailedException>(() => spec.Open(schema, new PartitionId(0), position.WrittenSpan)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_does_not_grow_with_the_file()
    {
        string path = Seal("large.sealed", 2_000_000, groupRows: 10_000);
        using SealedFileSource source = SealedFileSource.Open(Source(path, partitions: 1).Settings, s_flights);
        using ISourcePartition partition = source.Open(new PartitionId(0), default);
        long before = 0;
        long most = 0;
        for (int round = 0; partition.ReadRound(b => b.Dispose(), TestContext.Current.CancellationToken).Kind == SourceStepKind.Round; round++)
        {
            if (round % 20 == 10)
            {
                long now = GC.GetTotalMemory(forceFullCollection: true);
                before = before == 0 ? now : before;
                most = Math.Max(most, now);
            }
        }

        Assert.Equal(2_000_000, partition.Counts.Rows);
        Assert.InRange(most - before, long.MinValue, 4 << 20);
    }

    private static IEnumerable<string> Rows(SealedFileReader reader)
    {
        Schema schema = ColumnCodec.ReadTypes(reader.Contents.ColumnNames, reader.Contents.Schema.Span).Value;
        StoredColumns columns = StoredColumns.Find("f", schema, schema).Value;
        for (int group = 0; group < reader.Index.Groups(0).Count; group++)
        {
            using Batch batch = SealedGroupRows.Read("f", reader, columns, 0, group, ColumnPool.Shared).Value;
            for (int row = 0; row < batch.Count; row++)
            {
                yield return string.Join(",", batch.GetRow(row).Select(v => v is null ? "" : ValueText.Format(v)));
            }
        }
    }

    private static Secret Owner() => Secret.CopyOf("the owner's secret of these test"u8);

    private static SealedFileSourceSpec Source(string path, int partitions = 8) => new(new SealedFileSourceSettings { Inputs = [path], Owner = Owner, PartitionCount = partitions, GroupsPerRound = 1 });

    private static int? Delay(int number) => number % 11 == 0 ? null : (number % 37) - 9;

    /// <summary>Seals rows whose numbers count from 0, and counts what the job counts.</summary>
    private string Seal(string name, int rows, int groupRows, Dictionary<string, (long Count, long Total)>? count = null)
    {
        string path = Path.Combine(_folder, name);
        using Secret owner = Owner();
        StreamId stream = SealedFileHeader.NewStream(MachineEntropy.Instance);
        using Secret key = KeySchedule.FileKey(owner, stream);
        SealedFileHeader header = SealedFileHeader.Seal(key, stream, KeySchedule.KeyId(owner), 1, SealedRowsWriter.Contents(SealedFileKind.Data, name, s_flights), MachineEntropy.Instance);
        using FileStream file = File.Create(path);
        file.Write(header.Bytes.Span);
        using SealedRowsWriter writer = new(s_flights, new SealedStrandWriter(key, header, 0, MachineEntropy.Instance), block => file.Write(block.Span), groupRows);
        for (int at = 0; at < rows; at += 977)
        {
            int some = Math.Min(977, rows - at);
            TextColumnBuilder carriers = new(s_flights[0].Type);
            FixedColumnBuilder<short> numbers = new(s_flights[1].Type);
            FixedColumnBuilder<int> delays = new(s_flights[2].Type);
            for (int number = at; number < at + some; number++)
            {
                string carrier = $"C{number % 7}";
                carriers.Append(carrier);
                numbers.Append((short)number);
                int? delay = Delay(number);
                delays.AppendObject(delay);
                if (count is not null && delay > 0)
                {
                    (long n, long total) = count.GetValueOrDefault(carrier);
                    count[carrier] = (n + 1, total + delay.Value);
                }
            }

            using Batch batch = new(s_flights, [carriers.Build(), numbers.Build(), delays.Build()], some);
            writer.Append(batch);
        }

        writer.End(new SealedCoverage { RowsRead = rows });
        return path;
    }
}
