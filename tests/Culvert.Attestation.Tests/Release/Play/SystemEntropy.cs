using System.Security.Cryptography;

namespace Culvert.Attestation.Tests.Release;

/// <summary>The operating system's randomness.</summary>
internal sealed class SystemEntropy : IEntropy
{
    internal static SystemEntropy Instance { get; } = new();

    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
