using System.CommandLine;
using Culvert.Engine;
using Culvert.JobFiles;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli;

/// <summary><c>culvert peek</c>.</summary>
internal static class PeekCommand
{
    internal static Command Create()
    {
        Argument<string> job = new("job") { Description = "The job file." };
        Option<string> stage = new("--stage", "-s") { Description = "The stage, as the job file names it.", Required = true };
        Option<int> rows = new("--rows", "-n") { Description = "How many rows; default 10.", DefaultValueFactory = _ => 10 };
        Option<string[]> input = new("--input", "-i") { Description = "Files or patterns to read instead of the job's." };
        Command command = new("peek", "Shows the schema and the first rows of what leaves a stage.") { job, stage, rows, input };
        command.SetAction((parsed, _) => PeekAsync(
            JobLoading.Load(parsed.GetValue(job)!, parsed.GetValue(input) ?? [], new MalformedRows()),
            parsed.GetValue(stage)!,
            parsed.GetValue(rows)));
        return command;
    }

    private static async Task<int> PeekAsync(JobFile file, string stage, int rows)
    {
        if (rows is < 1 or > 100_000)
        {
            throw new UsageException("--rows must be from 1 to 100000");
        }

        FirstRowsSinkSpec sink = new(Console.Out, rows);
        Outcome<Job> job = file.Peek(stage, sink);
        if (!job.Succeeded)
        {
            throw new UsageException(job.Failure.Message);
        }

        await using LocalRun run = await LocalRun.StartAsync(Plan.Compile(job.Value), new RunOptions { Workers = 1 }).ConfigureAwait(false);
        using Interruption interruption = new(run);
        sink.Enough += run.Stop;
        RunReport report = await run.Completion.ConfigureAwait(false);
        sink.Print();
        return report.Finished || sink.HasEnough ? ExitCode.Success : interruption.ExitCode;
    }

    /// <summary>Keeps the first rows and says when there are enough.</summary>
    private sealed class FirstRowsSinkSpec(TextWriter output, int rows) : SinkSpec, IOpenableSink
    {
        private readonly List<Batch> _batches = [];
        private Schema? _schema;
        private int _count;

        internal event Action? Enough;

        internal bool HasEnough => _count >= rows;

        public override string Canonical => "peek";

        public override string Description => $"the first {rows} rows";

        public ISinkWriter Open(Schema schema, PartitionId partition, ReadOnlySpan<byte> position)
        {
            _schema = schema;
            return new Writer(this);
        }

        internal void Print()
        {
            output.WriteLine($"({_schema})");
            ISinkWriter table = new TableSinkSpec(output) { KeepsOrder = true }.Open(_schema!, new PartitionId(0), default);
            foreach (Batch batch in _batches)
            {
                table.Write(batch, new Round(0));
                batch.Dispose();
            }

            table.Complete();
        }

        private void Take(Batch batch)
        {
            int wanted = Math.Min(batch.Count, rows - _count);
            if (wanted <= 0)
            {
                return;
            }

            _batches.Add(batch.Gather([.. Enumerable.Range(0, wanted)]));
            _count += wanted;
            if (HasEnough)
            {
                Enough?.Invoke();
            }
        }

        private sealed class Writer(FirstRowsSinkSpec spec) : ISinkWriter
        {
            public void Write(Batch batch, Round round) => spec.Take(batch);

            public void CloseRound(Round round, Watermark watermark)
            {
            }

            public void Complete()
            {
            }

            public void WritePosition(System.Buffers.IBufferWriter<byte> writer)
            {
            }

            public void MakeDurable()
            {
            }

            public void Dispose()
            {
            }
        }
    }
}
