namespace Culvert.Benchmarks.Boundary;

/// <summary>Copying through the boundary in chunks of one size.</summary>
/// <param name="ChunkBytes">Length of each message.</param>
/// <param name="InBytesPerSecond">Into the enclave.</param>
/// <param name="InAndOutBytesPerSecond">Into the enclave and out again, counted once.</param>
/// <param name="MemoryBytesPerSecond">The same chunks copied within the process: the limit.</param>
public sealed record CopyFigure(int ChunkBytes, double InBytesPerSecond, double InAndOutBytesPerSecond, double MemoryBytesPerSecond);
