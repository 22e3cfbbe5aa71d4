using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Culvert.Enclaves;
using Culvert.Enclaves.Simulation;

namespace Culvert.Benchmarks.Boundary;

/// <summary>
/// Measures the boundary against an enclave that runs <see cref="ProbeProgram"/>. The benchmark's own <c>Main</c> must call
/// <see cref="EnclaveProgram.RunIfAsked"/> with it where <see cref="ProgramArgument"/> comes first.
/// </summary>
public static class BoundaryProbe
{
    /// <summary>The word before an enclave's arguments by which a program is asked to run <see cref="ProbeProgram"/>.</summary>
    public const string ProgramArgument = "boundary-probe";

    private const int Batches = 21;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Measures. <paramref name="program"/> is the benchmark itself, whose <c>Main</c> knows <see cref="ProgramArgument"/>;
    /// <paramref name="roundTrips"/> is the number per batch, of which there are 21; <paramref name="copiedBytes"/> passes per
    /// direction and chunk size (100 MB in the published evaluation).
    /// </summary>
    /// <exception cref="InvalidOperationException">No enclave starts here, or it failed.</exception>
    public static BoundaryFigures Measure(string program, int roundTrips = 20_000, long copiedBytes = 100_000_000)
    {
        using IEnclave enclave = Start(new EnclaveOptions { Executable = program, Arguments = [ProgramArgument] });
        IMessageChannel channel = enclave.Channel;
        return new BoundaryFigures(
            Median(Batches, () => PlainCalls(roundTrips)),
            Median(Batches, () => RoundTrips(channel, roundTrips)),
            Median(Batches, () => OneWay(channel, roundTrips)),
            [.. ChunkSizes().Select(chunk => MeasureCopies(channel, chunk, copiedBytes))]);
    }

    /// <summary>1 KB to 4 MB, each twice the one before.</summary>
    public static IEnumerable<int> ChunkSizes() => Enumerable.Range(0, 13).Select(i => 1024 << i);

    private static IEnclave Start(EnclaveOptions options)
    {
        Outcome<IEnclave> started = new SimulationBackend().Start(options);
        return started.Succeeded ? started.Value : throw new InvalidOperationException(started.Failure.Message);
    }

    private static double PlainCalls(int count)
    {
        long sum = 0;
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            sum += Plain(i);
        }

        double nanoseconds = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / count;
        return sum != 0 ? nanoseconds : 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Plain(long value) => value + 1;

    private static double RoundTrips(IMessageChannel channel, int count)
    {
        Span<byte> message = [ProbeProgram.Echo, 1, 2, 3, 4, 5, 6, 7];
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            Send(channel, message);
            Receive(channel).Dispose();
        }

        return Stopwatch.GetElapsedTime(begin).TotalNanoseconds / count;
    }

    private static double OneWay(IMessageChannel channel, int count)
    {
        Span<byte> message = [ProbeProgram.Take, 1, 2, 3, 4, 5, 6, 7];
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            Send(channel, message);
        }

        AwaitCount(channel, 8L * count);
        return Stopwatch.GetElapsedTime(begin).TotalNanoseconds / count;
    }

    private static CopyFigure MeasureCopies(IMessageChannel channel, int chunkBytes, long totalBytes)
    {
        byte[] chunk = new byte[chunkBytes];
        long count = Math.Max(1, totalBytes / chunkBytes);
        double bytes = (double)count * chunkBytes;
        return new CopyFigure(
            chunkBytes,
            bytes / Median(3, () => CopyIn(channel, chunk, count)),
            bytes / Median(3, () => CopyInAndOut(channel, chunk, count)),
            bytes / Median(3, () => CopyInMemory(chunk, count)));
    }

    private static double CopyIn(IMessageChannel channel, byte[] chunk, long count)
    {
        chunk[0] = ProbeProgram.Take;
        long begin = Stopwatch.GetTimestamp();
        for (long i = 0; i < count; i++)
        {
            Send(channel, chunk);
        }

        AwaitCount(channel, count * chunk.Length);
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static double CopyInAndOut(IMessageChannel channel, byte[] chunk, long count)
    {
        chunk[0] = ProbeProgram.Echo;
        long begin = Stopwatch.GetTimestamp();
        Thread sender = new(() =>
        {
            for (long i = 0; i < count; i++)
            {
                Send(channel, chunk);
            }
        });
        sender.Start();
        for (long i = 0; i < count; i++)
        {
            Receive(channel).Dispose();
        }

        sender.Join();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static double CopyInMemory(byte[] chunk, long count)
    {
        // As far away as a ring: not in the nearest cache.
        byte[] ring = GC.AllocateUninitializedArray<byte>(Math.Max(4 << 20, chunk.Length));
        long begin = Stopwatch.GetTimestamp();
        int at = 0;
        for (long i = 0; i < count; i++)
        {
            chunk.CopyTo(ring.AsSpan(at));
            at = at + (2 * chunk.Length) <= ring.Length ? at + chunk.Length : 0;
        }

        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static void AwaitCount(IMessageChannel channel, long bytes)
    {
        Send(channel, [ProbeProgram.Count]);
        using Message counted = Receive(channel);
        long found = BinaryPrimitives.ReadInt64LittleEndian(counted.Bytes);
        if (found != bytes)
        {
            throw new InvalidOperationException($"the enclave counted {found} bytes of {bytes}");
        }
    }

    private static void Send(IMessageChannel channel, ReadOnlySpan<byte> message)
    {
        if (channel.Send(s_patience, message) != SendStatus.Sent)
        {
            throw new InvalidOperationException(channel.Failure?.Message ?? "the enclave takes nothing");
        }
    }

    private static Message Receive(IMessageChannel channel)
    {
        Outcome<Message> received = channel.Await(s_patience, "the enclave's answer");
        return received.Succeeded ? received.Value : throw new InvalidOperationException(received.Failure.Message);
    }

    private static double Median(int runs, Func<double> measure)
    {
        double[] figures = [.. Enumerable.Range(0, runs).Select(_ => measure())];
        Array.Sort(figures);
        return figures[runs / 2];
    }
}
