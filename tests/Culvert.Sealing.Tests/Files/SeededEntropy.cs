namespace Culvert.Sealing.Tests;

/// <summary>Bytes that one seed decides: a test's files are the same each time.</summary>
internal sealed class SeededEntropy(int seed) : IEntropy
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> destination) => _random.NextBytes(destination);
}
