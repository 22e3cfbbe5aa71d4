using System.Buffers;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves.Tests.Lua;

/// <summary>A plan of Lua functions, read back from its bytes as an enclave does, at work in partition steps.</summary>
public sealed class LuaCodeTests
{
    [Fact]
    public void A_plan_that_was_read_back_runs_its_scripts()
    {
        Plan built = LuaJob.Compile();
        Plan plan = Plan.Read(built.WriteCanonical(), LuaScripts.Of(built)).Value;

        Assert.Equal([("a", 12L), ("b", 8L)], Run(plan, [("a", 2), ("b", 4), ("a", 3), ("a", 4)]));
    }

    [Fact]
    public void The_plan_that_was_built_gives_the_same() =>
        Assert.Equal([("a", 12L), ("b", 8L)], Run(LuaJob.Compile(), [("a", 2), ("b", 4), ("a", 3), ("a", 4)]));

    [Fact]
    public void A_script_that_does_not_load_stops_the_stage_with_its_name_and_line()
    {
        Plan plan = LuaJob.Compile(map: "\nthis is no Lua");
        StageFailedException failed = Assert.Throws<StageFailedException>(() => Run(plan, []));
        Assert.Contains("map.lua:2", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_fails_stops_the_stage_with_the_row()
    {
        Plan plan = LuaJob.Compile(map: "function map(event) error('no ' .. event.word) end");
        Exception failed = Assert.ThrowsAny<Exception>(() => Run(plan, [("a", 2)]));
        Assert.Contains("no a", failed.Message, StringComparison.Ordinal);
    }

    private static List<(string Word, long Total)> Run(Plan plan, (string Word, long Number)[] events)
    {
        Results results = new();
        Queue<Frame> frames = new();
        using PartitionStep source = new(plan, new StageId(0), new PartitionId(0), new Frames(frames), results);
        List<PartitionStep> steps = [.. plan.Stages.Skip(1).Select(s => new PartitionStep(plan, s.Id, new PartitionId(0), new Frames(frames), results))];
        if (events.Length > 0)
        {
            ColumnBuilder words = ColumnBuilder.Create(new ColumnType(ValueKind.Text));
            ColumnBuilder numbers = ColumnBuilder.Create(new ColumnType(ValueKind.Int64));
            foreach ((string word, long number) in events)
            {
                words.AppendObject(word);
                numbers.AppendObject(number);
            }

            source.Push(new Batch(LuaJob.Words, [words.Build(), numbers.Build()], events.Length));
        }

        source.CloseRound();
        source.End();
        while (frames.TryDequeue(out Frame? frame))
        {
            PartitionStep step = steps[plan.Edges[frame.Edge.Value].To.Value - 1];
            Assert.True(step.Receive(frame).Succeeded);
            while (step.Advance() is not (MergeStep.Wait or MergeStep.Finish))
            {
            }
        }

        Assert.All(steps, s => Assert.True(s.IsFinished));
        steps.ForEach(s => s.Dispose());
        return results.Rows;
    }

    private sealed class Frames(Queue<Frame> frames) : IFrameSink
    {
        public void Send(Frame frame) => frames.Enqueue(frame);
    }

    private sealed class Results : IStageServices, ISinkWriter
    {
        internal List<(string Word, long Total)> Rows { get; } = [];

        public ISinkWriter OpenSink(SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position) => this;

        public void Write(Batch batch, Round round)
        {
            for (int row = 0; row < batch.Count; row++)
            {
                object?[] values = batch.GetRow(row);
                Rows.Add(((string)values[0]!, (long)values[1]!));
            }
        }

        public void CloseRound(Round round, Watermark watermark)
        {
        }

        public void Complete()
        {
        }

        public void WritePosition(IBufferWriter<byte> writer)
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
