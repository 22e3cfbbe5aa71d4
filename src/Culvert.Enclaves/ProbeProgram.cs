using System.Buffers.Binary;

namespace Culvert.Enclaves;

/// <summary>
/// An enclave's program that does nothing but answer, for finding out whether the boundary works and how fast it is. The
/// first byte of a message says what to do with it.
/// </summary>
public static class ProbeProgram
{
    /// <summary>Send the message back as it is.</summary>
    public const byte Echo = 1;

    /// <summary>Count its bytes and say nothing.</summary>
    public const byte Take = 2;

    /// <summary>Answer with the bytes and the messages counted so far (8 bytes each, little-endian), and count from 0 again.</summary>
    public const byte Count = 3;

    /// <summary>Answer with what is locked down, one byte each: Landlock's version, and 1 or 0 for seccomp, no new privileges, not dumpable.</summary>
    public const byte Report = 4;

    private static readonly TimeSpan s_answerMax = TimeSpan.FromSeconds(30);

    /// <summary>Answers until the host ends its sending. 0, or 1 when the channel failed or a message was none of these.</summary>
    public static int Run(EnclaveContext context)
    {
        IMessageChannel channel = context.Channel;
        long bytes = 0;
        long messages = 0;
        Span<byte> counts = stackalloc byte[2 * sizeof(long)];
        while (true)
        {
            ReceiveStatus status = channel.Receive(Timeout.InfiniteTimeSpan, out Message? message);
            if (status != ReceiveStatus.Received)
            {
                channel.EndSending();
                return status == ReceiveStatus.Ended ? 0 : 1;
            }

            using (message)
            {
                ReadOnlySpan<byte> content = message!.Bytes;
                switch (content.IsEmpty ? 0 : content[0])
                {
                    case Echo:
                        _ = channel.Send(s_answerMax, content);
                        break;
                    case Take:
                        bytes += content.Length;
                        messages++;
                        break;
                    case Count:
                        BinaryPrimitives.WriteInt64LittleEndian(counts, bytes);
                        BinaryPrimitives.WriteInt64LittleEndian(counts[sizeof(long)..], messages);
                        (bytes, messages) = (0, 0);
                        _ = channel.Send(s_answerMax, counts);
                        break;
                    case Report:
                        LockdownReport found = context.Lockdown;
                        _ = channel.Send(s_answerMax, [(byte)found.LandlockAbi, Bit(found.Seccomp), Bit(found.NoNewPrivileges), Bit(found.NotDumpable)]);
                        break;
                    default:
                        return 1;
                }
            }
        }
    }

    private static byte Bit(bool value) => value ? (byte)1 : (byte)0;
}
