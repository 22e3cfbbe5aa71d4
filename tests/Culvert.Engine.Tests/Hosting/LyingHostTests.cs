using System.Buffers;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>An owner against hosts that say what is not so, show other files than those it opened, or say nothing.</summary>
public class LyingHostTests
{
    [Fact]
    public async Task A_host_that_says_the_run_has_finished_is_not_believed()
    {
        string message = await FailureAsync(channel => Say(channel, HostMessageKind.Ended, 1, 0, 0, 0, 0, 0));
        Assert.Contains("integrity error: the host says that the run has finished", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_stops_unasked_is_told_of()
    {
        string message = await FailureAsync(channel => Say(channel, HostMessageKind.Ended, 2, 0, 0, 0, 0, 0));
        Assert.Contains("nobody had asked it to", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_says_nothing_is_given_up()
    {
        string message = await FailureAsync(_ => { }, TimeSpan.FromMilliseconds(300));
        Assert.Contains("no progress", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_says_nothing_of_a_run_to_go_on_with_is_given_up()
    {
        using SealedFlights flights = new(64);
        using ResultRows result = new();
        using SilentHost host = new(_ => { });
        OwnerRunOptions options = new() { Host = () => host, Resume = true, Snapshots = flights.Snapshots, StallMax = TimeSpan.FromMilliseconds(300) };
        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(
            () => Task.Run(() => OwnerRun.Start(flights.Plan(Protection.Enclave, result.Sink), flights.Owner, options)));
        Assert.Contains("nothing came", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endless_talk_that_proves_nothing_is_no_progress()
    {
        string message = await FailureAsync(
            channel =>
            {
                while (channel.Send(TimeSpan.FromSeconds(5), [(byte)MessageKind.Grant, 1, 0, 0, 0, 0, 0, 0, 0]) == SendStatus.Sent)
                {
                }
            },
            TimeSpan.FromMilliseconds(500));
        Assert.Contains("no progress", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((byte)HostMessageKind.Ended, "cannot be read")]
    [InlineData((byte)HostMessageKind.Begin, "kind 64")]
    [InlineData((byte)HostMessageKind.Resuming, "kind 65")]
    [InlineData((byte)HostMessageKind.WorkerHello, "fields that cannot be")]
    [InlineData((byte)HostMessageKind.WorkerEvidence, "fields that cannot be")]
    [InlineData((byte)HostMessageKind.WorkerChallenge, "kind 72")]
    [InlineData((byte)200, "kind 200")]
    [InlineData((byte)MessageKind.Release, "kind 2")]
    [InlineData((byte)MessageKind.Block, "was not asked")]
    [InlineData((byte)MessageKind.Frame, "no frame can be read")]
    public async Task What_cannot_be_from_a_host_is_refused(byte kind, string named)
    {
        string message = await FailureAsync(channel => Say(channel, (HostMessageKind)kind, 1, 2, 3));
        Assert.Contains(named, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_cannot_be_greeted_for_twice()
    {
        using HpkePrivateKey key = HpkePrivateKey.Generate(MachineEntropy.Instance);
        byte[] hello = Hello(1, key, "thread");
        string message = await FailureAsync(channel =>
        {
            channel.Send(TimeSpan.FromSeconds(5), hello);
            channel.Send(TimeSpan.FromSeconds(5), hello);
        });
        Assert.Contains("a second one", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "thread", "worker 0")]
    [InlineData(99, "thread", "worker 99")]
    [InlineData(1, "\u001b[2J", "has no name")]
    public async Task A_greeting_that_cannot_be_is_refused(int number, string backend, string named)
    {
        using HpkePrivateKey key = HpkePrivateKey.Generate(MachineEntropy.Instance);
        string message = await FailureAsync(channel => channel.Send(TimeSpan.FromSeconds(5), Hello(number, key, backend)));
        Assert.Contains(named, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_file_in_the_place_of_the_new_is_named_by_the_result()
    {
        using SealedFlights flights = new(640);
        string older = flights.PathOf("older.sealed");
        File.Copy(flights.Input, older);
        SealedInput named = InputOf(flights, older);
        flights.Seal(flights.Input, 640, seed: 2);
        SealedInput expected = InputOf(flights, flights.Input);
        File.Copy(older, flights.Input, overwrite: true);

        Plan plan = flights.Plan(Protection.Enclave);
        await using OwnerRun run = OwnerRun.Start(plan, flights.Owner, flights.Options(plan, _ => { }));
        Assert.True((await run.Completion).Finished);
        (string[]? rows, var inputs, _) = flights.OpenResult();
        Assert.Equal(flights.Honest, rows);
        Assert.Equal(named, inputs.Single());
        Assert.NotEqual(expected, inputs.Single());
    }

    [Theory]
    [InlineData(true, "gives another file")]
    [InlineData(false, "the end mark is missing")]
    public async Task A_file_that_the_host_swaps_or_cuts_behind_the_owners_back_is_refused(bool swaps, string named)
    {
        using SealedFlights flights = new(640);
        using ResultRows result = new();
        string other = flights.PathOf("other.sealed");
        flights.Seal(other, 640, seed: 2);
        Plan plan = flights.Plan(Protection.Enclave, result.Sink);
        OwnerRunOptions options = flights.Options(plan, _ =>
        {
            if (swaps)
            {
                File.Copy(other, flights.Input, overwrite: true);
            }
            else
            {
                using FileStream file = File.OpenWrite(flights.Input);
                file.SetLength(file.Length - 40);
            }
        });
        await using OwnerRun run = OwnerRun.Start(plan, flights.Owner, options);
        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(() => run.Completion);
        Assert.Contains("integrity error", failure.Message, StringComparison.Ordinal);
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_enclaves_with_one_identity_give_one_result()
    {
        using SealedFlights flights = new();
        using ResultRows result = new();
        TwinMischief twins = new();
        LocalHost? host = null;
        Plan plan = flights.Plan(Protection.Enclave, result.Sink, groupsPerRound: 1);
        await using OwnerRun run = OwnerRun.Start(
            plan, flights.Owner, flights.Options(plan, made => host = made, (number, channel) => new HostileChannel(number, channel, twins)));
        RunReport report = await run.Completion;
        Assert.True(report.Finished);
        Assert.Equal(2000, report.Rows);
        Assert.Equal(flights.Honest, SealedFlights.RowsOf(result));
        Assert.True(twins.FramesOfTwins > 0);
        Assert.Empty(host!.Escaped);
    }

    [Fact]
    public async Task What_a_host_says_before_it_takes_nothing_more_is_what_the_owner_tells()
    {
        Assert.Equal("the disk is full", await LeavingAsync(HostOutcome.Failed, FailureKind.Io, "the disk is full"));
    }

    [Fact]
    public async Task A_host_that_says_finished_and_takes_nothing_more_is_not_believed()
    {
        Assert.Contains("has not reported its end", await LeavingAsync(HostOutcome.Finished, 0, ""), StringComparison.Ordinal);
    }

    /// <summary>What an owner tells whose host leaves it in the middle of its rows.</summary>
    private static async Task<string> LeavingAsync(HostOutcome outcome, FailureKind kind, string text)
    {
        using SealedFlights flights = new(64);
        using ResultRows result = new();
        string path = flights.PathOf("flights.csv");
        File.WriteAllText(path, SealedFlights.Flights(2000, seed: 5).Csv);
        Plan plan = flights.Plan(Protection.Enclave, result.Sink, source: Jobs.Csv(path, splitBytes: 1024, partitions: 3));
        ArrayBufferWriter<byte> ended = new();
        ended.Byte((byte)HostMessageKind.Ended);
        ended.Byte((byte)outcome);
        ended.Byte((byte)kind);
        ended.Text(text);
        OwnerRunOptions options = flights.Options(plan, _ => { }) with
        {
            Host = () => new LeavingHost(new LocalHost(), 12, ended.WrittenSpan.ToArray()),
        };
        await using OwnerRun run = OwnerRun.Start(plan, flights.Owner, options);
        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(() => run.Completion.WaitAsync(TimeSpan.FromMinutes(1)));
        return failure.Message;
    }

    private static SealedInput InputOf(SealedFlights flights, string path)
    {
        using FileStream stream = File.OpenRead(path);
        using SealedFileReader reader = SealedFileReader.Open(path, stream, flights.Owner).Value;
        return new SealedInput(reader.Index.Header.Stream, reader.Digest!.Value);
    }

    private static void Say(IMessageChannel channel, HostMessageKind kind, params ReadOnlySpan<byte> fields) =>
        channel.Send(TimeSpan.FromSeconds(5), [(byte)kind], fields);

    private static byte[] Hello(int number, HpkePrivateKey key, string backend)
    {
        ArrayBufferWriter<byte> message = new();
        message.Byte((byte)HostMessageKind.WorkerHello);
        message.Int32(number);
        message.Part(key.PublicKey.Bytes.ToArray());
        message.Part([1]);
        message.Text(backend);
        return message.WrittenSpan.ToArray();
    }

    /// <summary>What an owner says of a host that does this once it was asked to begin.</summary>
    private static async Task<string> FailureAsync(Action<IMessageChannel> host, TimeSpan? stallMax = null)
    {
        using SealedFlights flights = new(64);
        using ResultRows result = new();
        OwnerRunOptions options = new() { Host = () => new SilentHost(host), Workers = 2, StallMax = stallMax ?? TimeSpan.FromSeconds(30) };
        Plan plan = flights.Plan(Protection.Enclave, result.Sink);
        await using OwnerRun run = OwnerRun.Start(plan, flights.Owner, options);
        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(() => run.Completion.WaitAsync(TimeSpan.FromMinutes(1)));
        return failure.Message;
    }

    /// <summary>A host that takes what it gets and does one thing.</summary>
    private sealed class SilentHost : IHostConnection
    {
        private readonly MemoryChannel _there;
        private readonly Thread _thread;

        internal SilentHost(Action<IMessageChannel> act)
        {
            (MemoryChannel here, _there) = MemoryChannel.CreatePair();
            Channel = here;
            _thread = new Thread(() => act(_there)) { IsBackground = true };
            _thread.Start();
        }

        public IMessageChannel Channel { get; }

        public void Dispose()
        {
            Channel.Dispose();
            _thread.Join();
            _there.Dispose();
        }
    }
}
