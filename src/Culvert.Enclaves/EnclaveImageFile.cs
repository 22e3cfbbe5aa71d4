namespace Culvert.Enclaves;

/// <summary>A file of an enclave's image.</summary>
/// <param name="Name">Its path below the image's folder, with <c>/</c>.</param>
/// <param name="Length">Its length, bytes.</param>
/// <param name="Sha256">The SHA-256 of its bytes, 32 bytes.</param>
public sealed record EnclaveImageFile(string Name, long Length, ReadOnlyMemory<byte> Sha256);
