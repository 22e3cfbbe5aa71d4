using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>The port to collateral that a broker keeps for machines which bring none. Nothing of it is trusted before it is verified. Thread safe.</summary>
public interface ICollateralShelf
{
    /// <summary>The sets that are there now, each files by name, as collateral of a request has them; one set for each sort of machine.</summary>
    IReadOnlyList<ImmutableSortedDictionary<string, ImmutableArray<byte>>> Sets();
}
