namespace Culvert.Sealing.Tests;

/// <summary>Gives bytes that a vector fixes, in order, and fails when it is asked for more.</summary>
internal sealed class FixedEntropy(params byte[] bytes) : IEntropy
{
    private int _at;

    public void Fill(Span<byte> destination)
    {
        bytes.AsSpan(_at, destination.Length).CopyTo(destination);
        _at += destination.Length;
    }
}
