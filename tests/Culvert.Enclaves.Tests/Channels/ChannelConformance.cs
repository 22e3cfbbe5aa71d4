namespace Culvert.Enclaves.Tests.Channels;

/// <summary>What every channel does alike.</summary>
public abstract class ChannelConformance
{
    protected const int MessageBytesMax = 1 << 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(20);

    /// <summary>What was sent stays there when its sender is gone, without a word of an end.</summary>
    protected virtual bool DeliversAfterDisposal => true;

    /// <summary>Two sides; what waits in a direction is at most 64 KiB or so, and a message at most <see cref="MessageBytesMax"/>.</summary>
    protected abstract (IMessageChannel First, IMessageChannel Second) CreatePair();

    [Fact]
    public void Messages_arrive_whole_and_in_order_both_ways()
    {
        (IMessageChannel first, IMessageChannel second) = CreatePair();
        using (first)
        using (second)
        {
            for (int i = 0; i < 100; i++)
            {
                Assert.Equal(SendStatus.Sent, first.Send(s_patience, [(byte)i], Pattern(i, i * 3)));
                Assert.Equal(SendStatus.Sent, second.Send(s_patience, [(byte)(i + 1)]));
            }

            for (int i = 0; i < 100; i++)
            {
                Assert.Equal([(byte)i, .. Pattern(i, i * 3)], Receive(second));
                Assert.Equal([(byte)(i + 1)], Receive(first));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(300_001)]
    [InlineData(MessageBytesMax)]
    public async Task A_message_of_any_length_up_to_the_limit_passes(int length)
    {
        (IMessageChannel first, IMessageChannel second) = CreatePair();
        using (first)
        using (second)
        {
            byte[] sent = Pattern(7, length);
            Task<SendStatus> sending = Task.Run(() => first.Send(s_patience, sent.AsSpan(0, length / 3), sent.AsSpan(length / 3)), TestContext.Current.CancellationToken);

            Assert.Equal(sent, Receive(second));
            Assert.Equal(SendStatus.Sent, await sending);
        }
    }

    [Fact]
    public void A_longer_message_is_the_callers_mistake()
    {
        (IMessageChannel first, IMessageChannel second) = CreatePair();
        using (first)
        using (second)
        {
            Assert.Throws<ArgumentException>(() => first.Send(s_patience, [1], new byte[MessageBytesMax]));
            Assert.Throws<ArgumentException>(() => first.TrySend(new byte[MessageBytesMax + 1]));
            Assert.Null(first.Failure);
        }
    }

    [Fact]
    public void Nothing_there_is_told_at_once_or_after_the_time_given()
    {
        (IMessageChannel first, IMessageChannel second) = CreatePair();
        using (first)
        using (second)
        {
            Assert.Equal(ReceiveStatus.NotYet, second.TryReceive(out Message? none));
            Assert.Null(none);
            Assert.Equal(ReceiveStatus.NotYet, second.Receive(s_moment, out _));

            first.Send(s_patience, "late"u8);
            Assert.Equal("late"u8, Receive(second));
        }
    }

    [Fact]
    public void A_full_channel_takes_no_more_until_something_is_received()
    {
        (IMessageChannel first, IMessageChannel second) = CreatePair();
        using (first)
        using (second)
        {
            int sent = 0;
            byte[] body = Pattern(1, 5000);
            while (first.Send(s_moment, [(byte)sent], body) == SendStatus.Sent)
            {
                Assert.InRange(++sent, 0, 10_000);
            }

            Assert.InRange(sent, 1, 10_000);
            Assert.Equal(SendStatus.Full, first.TrySend([(byte)sent], body));
            for (int i = 0; i < sent; i++)
            {
                Assert.Equal([(byte)i, .. body], Receive(second));
            }

            Assert.Equal(SendStatus.Sent, first.Send(s_patience, "again"u8));
            Assert.Equal("again"u8, Receive(second));
        }
    }

    [Fact]
    public void What_was_sent_before_the_end_is_received_and_then_the_end()
    {
        (IMessageChannel first, IMessageChannel second) = CreatePair();
        using (first)
        using (second)
        {
            first.Send(s_patience, "last"u8);
            first.EndSending();

            Assert.Equal(SendStatus.Ended, first.Send(s_patience, "more"u8));
            Assert.Equal("last"u8, Receive(second));
            Assert.Equal(ReceiveStatus.Ended, second.Receive(s_patience, out _));
            Assert.Equal(ReceiveStatus.Ended, second.TryReceive(out _));

            // The other direction goes on.
            Assert.Equal(SendStatus.Sent, second.Send(s_patience, "answer"u8));
            Assert.Equal("answer"u8, Receive(first));
            Assert.Null(first.Failure);
            Assert.Null(second.Failure);
        }
    }

    [Fact]
    public void A_side_that_leaves_without_an_end_is_a_failure_after_what_it_sent()
    {
        (IMessageChannel first, IMessageChannel second) = CreatePair();
        using (second)
        {
            first.Send(s_patience, "before"u8);
            if (!DeliversAfterDisposal)
            {
                Assert.Equal("before"u8, Receive(second));
            }

            first.Dispose();
            if (DeliversAfterDisposal)
            {
                Assert.Equal("before"u8, Receive(second));
            }

            Assert.Equal(ReceiveStatus.Failed, second.Receive(s_patience, out _));
            Assert.Equal(FailureKind.Io, second.Failure?.Kind);
            WaitUntil(() => second.Send(s_moment, "to nobody"u8) == SendStatus.Failed);
        }
    }

    [Fact]
    public async Task Disposing_wakes_who_waits_on_the_same_side()
    {
        (IMessageChannel first, IMessageChannel second) = CreatePair();
        using (second)
        {
            Task<ReceiveStatus> receiving = Task.Run(() => first.Receive(Timeout.InfiniteTimeSpan, out _), TestContext.Current.CancellationToken);
            Task<SendStatus> sending = Task.Run(() => SendUntilRefused(first), TestContext.Current.CancellationToken);
            first.Dispose();

            Assert.Equal(ReceiveStatus.Failed, await receiving);
            Assert.Equal(SendStatus.Failed, await sending);
            Assert.Equal(ReceiveStatus.Failed, first.TryReceive(out _));
            Assert.Equal(SendStatus.Failed, first.TrySend("x"u8));
            Assert.Equal(FailureKind.Io, first.Failure?.Kind);
        }
    }

    [Fact]
    public async Task Disposing_wakes_who_waits_on_the_other_side()
    {
        (IMessageChannel first, IMessageChannel second) = CreatePair();
        using (second)
        {
            Task<ReceiveStatus> receiving = Task.Run(() => second.Receive(Timeout.InfiniteTimeSpan, out _), TestContext.Current.CancellationToken);
            Task<SendStatus> sending = Task.Run(() => SendUntilRefused(second), TestContext.Current.CancellationToken);
            first.Dispose();

            Assert.Equal(ReceiveStatus.Failed, await receiving);
            Assert.Equal(SendStatus.Failed, await sending);
        }
    }

    [Fact]
    public async Task Cancelling_a_wait_loses_nothing()
    {
        (IMessageChannel first, IMessageChannel second) = CreatePair();
        using (first)
        using (second)
        {
            using CancellationTokenSource stop = new();
            Task receiving = Task.Run(() => second.Receive(Timeout.InfiniteTimeSpan, out _, stop.Token), TestContext.Current.CancellationToken);
            stop.Cancel();

            await Assert.ThrowsAsync<OperationCanceledException>(() => receiving);
            first.Send(s_patience, "still here"u8);
            Assert.Equal("still here"u8, Receive(second));
            Assert.Throws<OperationCanceledException>(() => second.Send(s_patience, "x"u8, default, stop.Token));
        }
    }

    [Fact]
    public async Task One_thread_sends_while_another_receives_and_nothing_is_lost_or_altered()
    {
        (IMessageChannel first, IMessageChannel second) = CreatePair();
        using (first)
        using (second)
        {
            CancellationToken stop = TestContext.Current.CancellationToken;
            await Task.WhenAll(
                Task.Run(() => SendMany(first, 1), stop), Task.Run(() => ReceiveMany(second, 1), stop),
                Task.Run(() => SendMany(second, 2), stop), Task.Run(() => ReceiveMany(first, 2), stop));
        }
    }

    [Fact]
    public async Task Several_threads_may_send()
    {
        (IMessageChannel first, IMessageChannel second) = CreatePair();
        using (first)
        using (second)
        {
            const int senders = 4;
            const int each = 500;
            Task[] sending = [.. Enumerable.Range(0, senders).Select(sender => Task.Run(() =>
            {
                for (int i = 0; i < each; i++)
                {
                    Assert.Equal(SendStatus.Sent, first.Send(s_patience, [(byte)sender], Pattern(sender + i, 700)));
                }
            }))];

            int[] received = new int[senders];
            for (int i = 0; i < senders * each; i++)
            {
                byte[] message = Receive(second);
                int sender = message[0];
                Assert.Equal(Pattern(sender + received[sender]++, 700), message[1..]);
            }

            await Task.WhenAll(sending);
        }
    }

    protected static byte[] Receive(IMessageChannel channel)
    {
        Outcome<Message> received = channel.Await(s_patience, "a message");
        Assert.True(received.Succeeded, received.Failure?.Message);
        using Message message = received.Value;
        return message.Bytes.ToArray();
    }

    protected static byte[] Pattern(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static void WaitUntil(Func<bool> holds)
    {
        long begin = Environment.TickCount64;
        while (!holds())
        {
            Assert.True(Environment.TickCount64 - begin < s_patience.TotalMilliseconds, "waited in vain");
        }
    }

    private static SendStatus SendUntilRefused(IMessageChannel channel)
    {
        SendStatus status;
        do
        {
            status = channel.Send(s_patience, new byte[10_000]);
        }
        while (status == SendStatus.Sent);
        return status;
    }

    private static void SendMany(IMessageChannel channel, int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 2000; i++)
        {
            byte[] message = Pattern(seed + i, random.Next(100) == 0 ? random.Next(200_000) : random.Next(300));
            Assert.Equal(SendStatus.Sent, channel.Send(s_patience, message.AsSpan(0, message.Length / 2), message.AsSpan(message.Length / 2)));
        }

        channel.EndSending();
    }

    private static void ReceiveMany(IMessageChannel channel, int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 2000; i++)
        {
            Assert.Equal(Pattern(seed + i, random.Next(100) == 0 ? random.Next(200_000) : random.Next(300)), Receive(channel));
        }

        Assert.Equal(ReceiveStatus.Ended, channel.Receive(s_patience, out _));
    }
}
