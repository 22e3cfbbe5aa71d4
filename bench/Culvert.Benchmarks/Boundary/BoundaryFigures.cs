namespace Culvert.Benchmarks.Boundary;

/// <summary>What crossing the boundary costs on this machine.</summary>
/// <param name="PlainCallNanoseconds">A call of a method that is not inlined.</param>
/// <param name="RoundTripNanoseconds">A message of 8 bytes to the enclave and back, one at a time, both sides busy: two crossings. The median of the batches.</param>
/// <param name="OneWayNanoseconds">A message of 8 bytes to the enclave, many in a row, until it has counted all.</param>
/// <param name="Copies">Copying, by chunk.</param>
public sealed record BoundaryFigures(
    double PlainCallNanoseconds,
    double RoundTripNanoseconds,
    double OneWayNanoseconds,
    IReadOnlyList<CopyFigure> Copies);
