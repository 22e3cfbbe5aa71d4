using Culvert.Enclaves.Rings;

namespace Culvert.Enclaves.Tests.Rings;

/// <summary>Another thread rewrites positions, lengths, states and bytes while they are read.</summary>
public class HostileRingTests
{
    private const int RingBytes = EnclaveOptions.RingBytesMin;
    private const int MessageBytesMax = 100_000;
    private const int Rounds = 1000;

    /// <summary>On a busy machine the saboteur comes late more often than not: then it takes more rounds until he was at work often enough.</summary>
    private const int RoundsMax = 20 * Rounds;

    /// <summary>Stands everywhere but in the ring that is read: a message that holds it was read beyond the ring.</summary>
    private const byte Forbidden = 0xEE;

    private static readonly TimeSpan s_stallMax = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan s_hang = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_reader_ends_in_data_that_was_there_or_an_integrity_failure_or_a_stop(int seed)
    {
        Tally tally = new();
        for (int round = 0; GoesOn(round, tally); round++)
        {
            await Round(seed, round, (channel, random) => ReadAll(channel, tally));
        }

        // The saboteur must have been at work, and not always: otherwise the test shows nothing.
        Assert.True(tally.Messages > Rounds / 10, $"seed {seed}: only {tally.Messages} messages came through");
        Assert.True(tally.Violations > Rounds / 10, $"seed {seed}: only {tally.Violations} violations were found");
    }

    [Theory]
    [InlineData(3)]
    public async Task A_writer_ends_in_messages_sent_or_an_integrity_failure_or_a_stop(int seed)
    {
        Tally tally = new();
        for (int round = 0; GoesOn(round, tally); round++)
        {
            await Round(seed, round, (channel, random) => WriteAll(channel, random, tally));
        }

        Assert.True(tally.Messages > Rounds / 10, $"seed {seed}: only {tally.Messages} messages were sent");
        Assert.True(tally.Violations > Rounds / 10, $"seed {seed}: only {tally.Violations} violations were found");
    }

    private static bool GoesOn(int round, Tally tally) =>
        round < Rounds || (round < RoundsMax && (tally.Messages <= Rounds / 10 || tally.Violations <= Rounds / 10));

    private static async Task Round(int seed, int round, Action<RingChannel, Random> victim)
    {
        int mixed = (seed * 1_000_003) + round;
        SharedRegion hostView = SharedRegion.Create(RingLayout.RegionBytes(RingBytes)).Value;
        nint memory = Mark(hostView);
        SharedRegion enclaveView = SharedRegion.Open(hostView.TakeDescriptor(), RingLayout.RegionBytes(RingBytes)).Value;
        using RingChannel host = new(hostView, isHost: true, RingBytes, MessageBytesMax, s_stallMax);
        using RingChannel enclave = new(enclaveView, isHost: false, RingBytes, MessageBytesMax, s_stallMax);

        Task honest = Task.Run(() => SendSome(host, new Random(mixed)));
        Task hostile = Task.Run(() => Sabotage(memory, new Random(~mixed)));
        Task all = Task.WhenAll(Task.Run(() => victim(enclave, new Random(mixed * 31))), honest, hostile);
        Assert.True(await Task.WhenAny(all, Task.Delay(s_hang)) == all, $"seed {seed}, round {round}: hangs");
        try
        {
            await all;
        }
        catch (Exception failure)
        {
            Assert.Fail($"seed {seed}, round {round}: {failure}");
        }
    }

    private static void ReadAll(RingChannel enclave, Tally tally)
    {
        for (int i = 0, silences = 0; i < 60 && silences < 4; i++)
        {
            ReceiveStatus status = enclave.Receive(TimeSpan.FromMilliseconds(1), out Message? message);
            if (status == ReceiveStatus.Received)
            {
                using (message)
                {
                    Assert.InRange(message!.Length, 0, MessageBytesMax);
                    Assert.Equal(-1, message.Bytes.IndexOf(Forbidden));
                    tally.Messages++;
                }
            }
            else
            {
                Assert.Null(message);
                silences++;
                if (status == ReceiveStatus.Failed)
                {
                    CheckFailure(enclave, tally);
                }

                if (status != ReceiveStatus.NotYet)
                {
                    // What failed stays so. Behind an end the saboteur may still be caught at his work.
                    Assert.True(
                        status == ReceiveStatus.Ended || (enclave.TryReceive(out _) == ReceiveStatus.Failed && enclave.Failure is not null));
                    return;
                }
            }
        }
    }

    private static void WriteAll(RingChannel enclave, Random random, Tally tally)
    {
        byte[] body = new byte[RingBytes];
        for (int i = 0, refusals = 0; i < 60 && refusals < 4; i++)
        {
            SendStatus status = enclave.Send(TimeSpan.FromMilliseconds(1), body.AsSpan(0, random.Next(body.Length)));
            if (status == SendStatus.Sent)
            {
                tally.Messages++;
            }
            else if (status == SendStatus.Failed)
            {
                CheckFailure(enclave, tally);
                return;
            }
            else if (status == SendStatus.Ended)
            {
                return;
            }
            else
            {
                refusals++;
            }
        }
    }

    private static void CheckFailure(RingChannel channel, Tally tally)
    {
        Assert.True(channel.Failure?.Kind is FailureKind.Integrity or FailureKind.Io, channel.Failure?.ToString());
        Assert.NotEmpty(channel.Failure!.Message);
        if (channel.Failure.Kind == FailureKind.Integrity)
        {
            tally.Violations++;
        }
    }

    private static void SendSome(RingChannel host, Random random)
    {
        byte[] body = new byte[MessageBytesMax];
        for (int i = 0; i < 20; i++)
        {
            int length = random.Next(10) == 0 ? random.Next(MessageBytesMax) : random.Next(500);
            if (host.Send(TimeSpan.FromMilliseconds(1), body.AsSpan(0, length)) is SendStatus.Failed or SendStatus.Ended)
            {
                return;
            }
        }

        host.EndSending();
    }

    private static unsafe void Sabotage(nint memory, Random random)
    {
        byte* bytes = (byte*)memory;
        int pokes = random.Next(12);
        for (int i = 0; i < pokes; i++)
        {
            Thread.SpinWait(random.Next(3000));
            byte* control = bytes + (random.Next(2) * RingLayout.SecondControl);
            switch (random.Next(8))
            {
                case 0:
                    *(ulong*)(control + RingLayout.Written) = Position(random, *(ulong*)(control + RingLayout.Written));
                    break;
                case 1:
                    *(ulong*)(control + RingLayout.Read) = Position(random, *(ulong*)(control + RingLayout.Read));
                    break;
                case 2:
                    *(uint*)(control + RingLayout.ProducerState) = (uint)random.Next(random.Next(2) == 0 ? 2 : 6);
                    break;
                case 3:
                    *(uint*)(control + RingLayout.ConsumerSleeps) = (uint)random.Next(3);
                    break;
                case 4:
                    *(uint*)(control + RingLayout.ProducerSleeps) = (uint)random.Next(3);
                    break;
                default:
                    // Lengths and contents of the ring that is read.
                    byte* place = bytes + RingLayout.ControlBytes + random.Next(RingBytes);
                    *place = (byte)random.Next(Forbidden);
                    break;
            }
        }
    }

    private static ulong Position(Random random, ulong now) => random.Next(4) switch
    {
        0 => now + (ulong)random.Next(64),
        1 => now - (ulong)random.Next(64),
        2 => (ulong)random.Next(2 * RingBytes),
        _ => (ulong)random.NextInt64(),
    };

    /// <summary>Before and behind the ring that the enclave reads.</summary>
    private static unsafe nint Mark(SharedRegion region)
    {
        byte* bytes = region.Bytes;
        new Span<byte>(bytes + RingLayout.SecondControl + 1024, RingLayout.ControlBytes - RingLayout.SecondControl - 1024).Fill(Forbidden);
        new Span<byte>(bytes + RingLayout.ControlBytes + RingBytes, RingBytes).Fill(Forbidden);
        return (nint)bytes;
    }

    private sealed class Tally
    {
        internal int Messages { get; set; }

        internal int Violations { get; set; }
    }
}
