using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>A manifest with the signatures on it, as its file has them. Nothing is verified yet.</summary>
/// <param name="Manifest">What is stated.</param>
/// <param name="Digest">SHA-256 of a label and the canonical form without signatures: what versions and releases name.</param>
/// <param name="Signatures">By whom, and what.</param>
public sealed record SignedManifest(Manifest Manifest, ImmutableArray<byte> Digest, ImmutableArray<ManifestSignature> Signatures);

/// <summary>A signature on a manifest: ECDSA P-256, SHA-256, 64 bytes.</summary>
/// <param name="Key">SubjectPublicKeyInfo of the signer.</param>
/// <param name="Value">r and s.</param>
public sealed record ManifestSignature(ImmutableArray<byte> Key, ImmutableArray<byte> Value);
