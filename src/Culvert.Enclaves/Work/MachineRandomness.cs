using System.Security.Cryptography;

namespace Culvert.Enclaves;

/// <summary>The operating system's randomness, which an enclave asks for by a system call and not by a file.</summary>
public sealed class MachineRandomness : IEntropy
{
    private MachineRandomness()
    {
    }

    /// <summary>The one there is.</summary>
    public static MachineRandomness Instance { get; } = new();

    /// <inheritdoc/>
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
