using System.Buffers.Binary;
using Culvert.Enclaves.Rings;
using Culvert.Enclaves.Tests.Channels;

namespace Culvert.Enclaves.Tests.Rings;

public unsafe class RingChannelTests : ChannelConformance
{
    private const int RingBytes = EnclaveOptions.RingBytesMin;

    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(50);

    // What a host can write into the enclave's incoming ring, and what the enclave says.
    public static TheoryData<string, ulong, uint, uint, string> Lies => new()
    {
        { "more bytes than the ring holds", RingBytes + 1, 0, 8, "write position" },
        { "a write position near the end of numbers", ulong.MaxValue, 0, 8, "write position" },
        { "a message that is too long", 8, 0, MessageBytesMax + 1, "at most" },
        { "a message of a negative length", 8, 0, uint.MaxValue, "at most" },
        { "an unknown state", 0, 4, 0, "state" },
        { "an end in the middle of a length", 3, 1, 0, "left 3 bytes behind" },
        { "an end in the middle of a message", 6, 1, 8, "ended in the middle" },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_lie_in_the_shared_memory_is_named_and_kills_the_channel(string lie, ulong written, uint state, uint length, string says)
    {
        (RingChannel channel, nint memory) = Enclave();
        using (channel)
        {
            byte* bytes = (byte*)memory;
            *(uint*)(bytes + RingLayout.ControlBytes) = length;
            *(uint*)(bytes + RingLayout.ProducerState) = state;
            *(ulong*)(bytes + RingLayout.Written) = written;

            Assert.Equal(ReceiveStatus.Failed, channel.Receive(TimeSpan.FromSeconds(60), out _));
            Assert.Equal((lie, FailureKind.Integrity), (lie, channel.Failure?.Kind));
            Assert.Contains(says, channel.Failure!.Message, StringComparison.Ordinal);
            Assert.Equal(SendStatus.Failed, channel.TrySend("x"u8));
        }
    }

    [Fact]
    public void A_write_position_that_goes_back_is_an_integrity_failure()
    {
        (RingChannel channel, nint memory) = Enclave();
        using (channel)
        {
            byte* bytes = (byte*)memory;
            *(uint*)(bytes + RingLayout.ControlBytes) = 4;
            *(ulong*)(bytes + RingLayout.Written) = 8;
            Assert.Equal(4, Receive(channel).Length);

            *(ulong*)(bytes + RingLayout.Written) = 7;
            Assert.Equal(ReceiveStatus.Failed, channel.TryReceive(out _));
            Assert.Equal(FailureKind.Integrity, channel.Failure?.Kind);
        }
    }

    [Theory]
    [InlineData(6UL)]
    [InlineData(ulong.MaxValue)]
    public void A_read_position_beyond_what_was_written_is_an_integrity_failure(ulong read)
    {
        (RingChannel channel, nint memory) = Enclave();
        using (channel)
        {
            Assert.Equal(SendStatus.Sent, channel.TrySend("x"u8));
            *(ulong*)((byte*)memory + RingLayout.SecondControl + RingLayout.Read) = read;

            // The position is looked at when there might be no room.
            Assert.Equal(SendStatus.Failed, channel.TrySend(new byte[RingBytes - RingLayout.PrefixBytes]));
            Assert.Equal(FailureKind.Integrity, channel.Failure?.Kind);
            Assert.Contains("read position", channel.Failure!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Half_a_message_that_never_goes_on_is_a_failure_and_no_hang()
    {
        (RingChannel channel, nint memory) = Enclave(s_soon);
        using (channel)
        {
            *(uint*)((byte*)memory + RingLayout.ControlBytes) = 100;
            *(ulong*)((byte*)memory + RingLayout.Written) = 50;

            Assert.Equal(ReceiveStatus.Failed, channel.TryReceive(out _));
            Assert.Contains("stopped in the middle", channel.Failure!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_long_message_that_nobody_takes_is_a_failure_and_no_hang()
    {
        (RingChannel channel, _) = Enclave(s_soon);
        using (channel)
        {
            Assert.Equal(SendStatus.Failed, channel.Send(TimeSpan.FromSeconds(60), new byte[2 * RingBytes]));
            Assert.Contains("took nothing", channel.Failure!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_bytes_lie_where_the_specification_says()
    {
        (RingChannel channel, nint memory) = Enclave();
        using (channel)
        {
            channel.TrySend("ab"u8, "c"u8);
            channel.EndSending();
            ReadOnlySpan<byte> bytes = new((void*)memory, (int)RingLayout.RegionBytes(RingBytes));

            Assert.Equal(7UL, BinaryPrimitives.ReadUInt64LittleEndian(bytes[2048..]));
            Assert.Equal(1U, BinaryPrimitives.ReadUInt32LittleEndian(bytes[(2048 + 256)..]));
            Assert.Equal((byte[])[3, 0, 0, 0, 97, 98, 99], bytes.Slice(4096 + RingBytes, 7).ToArray());
        }
    }

    [Fact]
    public void Memory_whose_length_could_change_is_refused()
    {
        Outcome<SharedRegion> region = SharedRegion.Create(RingLayout.RegionBytes(RingBytes));
        using SharedRegion made = region.Value;
        Outcome<SharedRegion> other = SharedRegion.Open(made.TakeDescriptor(), RingLayout.RegionBytes(2 * RingBytes));

        Assert.Equal(FailureKind.Integrity, other.Failure?.Kind);
    }

    protected override (IMessageChannel First, IMessageChannel Second) CreatePair()
    {
        (SharedRegion first, SharedRegion second) = TwoViews();
        return (new RingChannel(first, isHost: true, RingBytes, MessageBytesMax), new RingChannel(second, isHost: false, RingBytes, MessageBytesMax));
    }

    /// <summary>The enclave's side of a channel, and its memory as the host sees it.</summary>
    private static (RingChannel Channel, nint Memory) Enclave(TimeSpan? stallMax = null)
    {
        (SharedRegion first, SharedRegion second) = TwoViews();
        return (new RingChannel(second, isHost: false, RingBytes, MessageBytesMax, stallMax), (nint)first.Bytes);
    }

    private static (SharedRegion First, SharedRegion Second) TwoViews()
    {
        long length = RingLayout.RegionBytes(RingBytes);
        SharedRegion first = SharedRegion.Create(length).Value;
        SharedRegion second = SharedRegion.Open(first.TakeDescriptor(), length).Value;
        return (first, second);
    }
}
