using System.Security.Cryptography;
using Culvert.Attestation;

namespace Culvert.Cli.Commands.Proofs;

/// <summary>The owner's public key as auditors have it: PEM, SubjectPublicKeyInfo, P-256.</summary>
internal static class OwnerPublicKey
{
    /// <summary>Bytes of the longest file: a key has some 180.</summary>
    private const int FileBytesMax = 16 << 10;

    internal static ReadOnlyMemory<byte> Read(string path)
    {
        string text = System.Text.Encoding.Latin1.GetString(ProofFiles.Read(path, FileBytesMax));
        if (text.StartsWith("culvert owner key", StringComparison.Ordinal))
        {
            throw CommandFailedException.Usage($"{path} is the owner's secret key; an auditor needs its public half: culvert keys public {path} -o owner.pub");
        }

        if (!PemEncoding.TryFind(text, out PemFields pem) || text[pem.Label] != "PUBLIC KEY")
        {
            throw CommandFailedException.Usage($"{path} is no public key in PEM ('-----BEGIN PUBLIC KEY-----'), such as culvert keys public prints");
        }

        byte[] key = Convert.FromBase64String(text[pem.Base64Data]);
        return ManifestSigning.IsKey([.. key]) ? key : throw CommandFailedException.Usage($"{path}: a public key, but none on P-256");
    }
}
