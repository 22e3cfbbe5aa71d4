namespace Culvert.Sealing;

/// <summary>
/// One share of a secret (docs/specs/secret-sharing.md): with enough others it gives the secret back. It owns its value.
/// </summary>
public sealed class SecretShare : IDisposable
{
    /// <summary>A share; it takes over <paramref name="value"/> and disposes it.</summary>
    /// <param name="number">Which of the set it is, from 1 to <see cref="SecretSharing.CountMax"/>.</param>
    /// <param name="value">As long as the secret.</param>
    public SecretShare(int number, Secret value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, SecretSharing.CountMax);
        ArgumentNullException.ThrowIfNull(value);
        (Number, Value) = (number, value);
    }

    /// <summary>Which of the set it is, from 1: the x at which the polynomials were evaluated.</summary>
    public int Number { get; }

    /// <summary>The polynomials' values; valid until the share is disposed.</summary>
    public Secret Value { get; }

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();
}
