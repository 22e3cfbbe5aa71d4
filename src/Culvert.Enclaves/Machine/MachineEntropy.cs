using System.Security.Cryptography;

namespace Culvert.Enclaves;

/// <summary>The operating system's randomness.</summary>
public sealed class MachineEntropy : IEntropy
{
    private MachineEntropy()
    {
    }

    /// <summary>The one there is.</summary>
    public static MachineEntropy Instance { get; } = new();

    /// <inheritdoc/>
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
