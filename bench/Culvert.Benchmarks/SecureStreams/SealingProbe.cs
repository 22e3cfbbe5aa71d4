using System.Diagnostics;
using System.Security.Cryptography;
using Culvert.Benchmarks.Micro;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary>Measures frames against the cipher alone, on the same buffers and in turn.</summary>
internal static class SealingProbe
{
    private const int Rounds = 11;
    private const int NonceBytes = 12, TagBytes = 16;

    internal static IReadOnlyList<int> PayloadSizes { get; } = [1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20];

    internal static IReadOnlyList<SealingFigure> Measure(long bytes) => [.. PayloadSizes.Select(size => MeasureSize(size, bytes))];

    /// <summary>Bytes per second that one thread decrypts, in pieces of a size: the cipher's part of reading a sealed file.</summary>
    internal static double Decrypting(int pieceBytes, long bytes)
    {
        using AesGcm aes = new(new byte[32], TagBytes);
        byte[] cipher = new byte[pieceBytes], plain = new byte[pieceBytes], tag = new byte[TagBytes], nonce = new byte[NonceBytes];
        aes.Encrypt(nonce, plain, cipher, tag);
        long count = Math.Max(1, bytes / pieceBytes);
        double best = Enumerable.Range(0, Rounds).Min(_ => Seconds(count, () => aes.Decrypt(nonce, cipher, tag, plain)));
        return count * pieceBytes / best;
    }

    private static SealingFigure MeasureSize(int payloadBytes, long bytes)
    {
        using SealedFrames frames = new() { PayloadBytes = payloadBytes };
        frames.Setup();
        long count = Math.Max(1, bytes / payloadBytes);
        Seconds(1, () => frames.AesGcmAlone());
        Seconds(1, () => frames.SealAndOpen());
        (double Cipher, double Frames)[] rounds = [.. Enumerable.Range(0, Rounds).Select(_ =>
            (Seconds(count, () => frames.AesGcmAlone()), Seconds(count, () => frames.SealAndOpen())))];
        double[] ratios = [.. rounds.Select(r => r.Cipher / r.Frames).Order()];
        return new SealingFigure(
            payloadBytes,
            count * payloadBytes / rounds.Min(r => r.Cipher),
            count * payloadBytes / rounds.Min(r => r.Frames),
            ratios[Rounds / 2]);
    }

    private static double Seconds(long count, Action action)
    {
        long start = Stopwatch.GetTimestamp();
        for (long i = 0; i < count; i++)
        {
            action();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
