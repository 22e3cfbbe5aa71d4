namespace Culvert.Benchmarks.SecureStreams;

/// <summary>Sealing and opening frames against the cipher alone.</summary>
/// <param name="PayloadBytes">Length of a frame's payload.</param>
/// <param name="CipherBytesPerSecond">Encrypted and decrypted by <c>AesGcm</c> alone, counted once; one thread, the best round.</param>
/// <param name="FrameBytesPerSecond">The same bytes sealed and opened as frames, the best round.</param>
/// <param name="Ratio">Frames to cipher, the median of rounds in which both took turns.</param>
public sealed record SealingFigure(int PayloadBytes, double CipherBytesPerSecond, double FrameBytesPerSecond, double Ratio);
