using System.Collections.Immutable;

namespace Culvert.Enclaves;

/// <summary>What makes evidence of the code that asks for it: hardware, or a simulation of it. Thread safe.</summary>
public interface IQuoter
{
    /// <summary>
    /// Evidence that binds up to 64 bytes, with the collateral that the machine gives along, as files by name in the layout of
    /// <see cref="Attestation.Evidence"/>. Slow: hardware is asked.
    /// </summary>
    Outcome<ImmutableSortedDictionary<string, ImmutableArray<byte>>> Quote(ReadOnlySpan<byte> reportData);
}
