namespace Culvert.Simulation;

/// <summary>A node's randomness, from the seed.</summary>
internal sealed class SimulatedEntropy(Dice dice) : IEntropy
{
    public void Fill(Span<byte> destination) => dice.Fill(destination);
}
