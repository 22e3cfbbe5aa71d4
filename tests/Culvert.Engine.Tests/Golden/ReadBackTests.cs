using Culvert.Enclaves;
using Culvert.Engine.Tests.Reactive;
using Culvert.Kits;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Golden;

/// <summary>Golden flows by plans that were written and read back: the same files, byte for byte; and changed plans that still run, or are refused.</summary>
public sealed class ReadBackTests : IDisposable
{
    private const int Mutations = 250;

    private readonly string _root = Directory.CreateTempSubdirectory("culvert").FullName;
    private int _folders;

    public static TheoryData<string> Flows => [.. Flow.Names];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [MemberData(nameof(Flows))]
    public Task APlanThatWasReadBackWritesTheSameBytes(string name) => Seeds.ForEach(4, async random =>
    {
        Flow flow = Flow.Named(name, random);
        string expected = NewFolder();
        string folder = NewFolder();
        Plan written = Plan.Compile(flow.Define(flow.Sources, expected));
        Plan target = Plan.Compile(flow.Define(flow.Sources, folder));

        Outcome<Plan> read = Plan.Read(written.WriteCanonical(), LuaScripts.Of(written).With(PlanParts.From(target)));

        Assert.True(read.Succeeded, read.Failure?.Message);
        Assert.Equal(target.Digest, read.Value.Digest);
        await Run(written);
        await Run(read.Value);
        Assert.Equal(Content(expected), Content(folder));
    });

    [Theory]
    [MemberData(nameof(Flows))]
    public void WhateverIsAcceptedCanBePutTogether(string name)
    {
        Flow flow = Flow.Named(name, new Random(1));
        Plan plan = Plan.Compile(flow.Define(flow.Sources, NewFolder()));
        byte[] original = plan.WriteCanonical();
        IPlanParts parts = PlanParts.From(plan);
        int accepted = 0;
        IEnumerable<byte[]> flips = Enumerable.Range(0, original.Length).Select(i => Flip(original, i));
        byte[][] all = [.. flips, .. Enumerable.Range(1, Mutations).Select(seed => PlanMutations.Of(original, seed))];
        foreach (byte[] changed in all)
        {
            if (Plan.Read(changed, parts) is not { Succeeded: true, Value: { } read })
            {
                continue;
            }

            accepted++;
            Assert.Equal(changed.AsSpan().SequenceEqual(original), read.Digest == plan.Digest);
            foreach (Stage stage in read.Stages)
            {
                new PartitionStep(read, stage.Id, new PartitionId(stage.PartitionCount - 1), new Nowhere(), new Nowhere()).Dispose();
            }
        }

        Assert.InRange(accepted, 1, all.Length - 1); // the job's name, at least, may be another one
    }

    [Fact]
    public void ThePlansOfTheExamplesAreReadBack()
    {
        JobContext context = new([Path.Combine(AppContext.BaseDirectory, "sample.csv")], new OpaqueSinkSpec(SinkSpec.Shown), new Dictionary<string, string>());
        Job[] jobs =
        [
            new Samples.DelayedFlights().Define(context),
            Samples.Readings.PerMinute(Source.From(Array.Empty<Samples.Reading>())).To(context.Output).AsJob("sensors"),
        ];
        foreach (Plan plan in jobs.SelectMany(j => Enum.GetValues<Protection>().Select(p => Plan.Compile(JobProtection.Apply(j, p)))))
        {
            Assert.Equal(plan.Digest, Plan.Read(plan.WriteCanonical(), PlanParts.From(plan)).Value.Digest);
            Assert.Equal(plan.Digest, Plan.Read(plan.WriteCanonical(), PlanParts.Opaque).Value.Digest);
        }
    }

    private static byte[] Flip(byte[] original, int at)
    {
        byte[] changed = [.. original];
        changed[at] ^= 1;
        return changed;
    }

    private static async Task Run(Plan plan)
    {
        await using LocalRun run = await LocalRun.StartAsync(plan, new RunOptions { Workers = 2 }, TestContext.Current.CancellationToken);
        Assert.True((await run.Completion).Finished);
    }

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(_root, $"{_folders++}")).FullName;

    private static string[] Content(string folder) =>
        [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(f => Path.GetFileName(f) + "\n" + File.ReadAllText(f))];

    /// <summary>Takes frames and opens sinks for steps that are put together and never run.</summary>
    private sealed class Nowhere : IFrameSink, IStageServices, ISinkWriter
    {
        public void Send(Frame frame) => Assert.Fail("nothing runs");

        public ISinkWriter OpenSink(SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position) => this;

        public void Write(Batch batch, Round round) => Assert.Fail("nothing runs");

        public void CloseRound(Round round, Watermark watermark) => Assert.Fail("nothing runs");

        public void Complete() => Assert.Fail("nothing runs");

        public void WritePosition(System.Buffers.IBufferWriter<byte> writer) => Assert.Fail("nothing runs");

        public void MakeDurable() => Assert.Fail("nothing runs");

        public void Dispose()
        {
        }
    }
}
