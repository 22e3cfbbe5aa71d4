using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Culvert.Attestation;
using Culvert.Engine;
using Culvert.Sealing;

namespace Culvert.Cli.Commands.Keys;

/// <summary>Keys on P-256 in PEM (RFC 7468): public ones as <c>culvert keys public</c> prints them, and the private ones of those who sign updates.</summary>
internal static class SigningKeyFile
{
    /// <summary>Bytes of the longest file: a key in PEM has some 250.</summary>
    private const int BytesMax = 4096;

    private const string PublicLabel = "PUBLIC KEY";

    /// <summary>A public key: SubjectPublicKeyInfo. What is none is wrong usage, with what the file is instead.</summary>
    internal static ImmutableArray<byte> ReadPublic(string path)
    {
        string text = ReadText(path);
        if (text.StartsWith("culvert owner key", StringComparison.Ordinal))
        {
            throw CommandFailedException.Usage($"{path} is the owner's secret key; its public half is wanted here: culvert keys public {path} -o owner.pub");
        }

        if (!PemEncoding.TryFind(text, out PemFields pem) || text[pem.Label] != PublicLabel || !text[..pem.Location.Start].AsSpan().IsWhiteSpace() || !text[pem.Location.End..].AsSpan().IsWhiteSpace())
        {
            throw CommandFailedException.Usage($"{path} is no public key in PEM ('-----BEGIN {PublicLabel}-----'), such as culvert keys public prints");
        }

        ImmutableArray<byte> key = [.. Convert.FromBase64String(text[pem.Base64Data])];
        return ManifestSigning.IsKey(key) ? key : throw CommandFailedException.Usage($"{path}: a public key, but none on P-256");
    }

    /// <summary>A private key, the caller's to dispose. The file is one that only its owner may read.</summary>
    internal static ECDsa ReadPrivate(string path)
    {
        using Secret text = PrivateFile.Read(path, BytesMax);
        char[] characters = GC.AllocateUninitializedArray<char>(text.Bytes.Length, pinned: true);
        ECDsa key = ECDsa.Create();
        try
        {
            Encoding.Latin1.GetChars(text.Bytes, characters);
            key.ImportFromPem(characters);
            if (ManifestSigning.IsKey([.. key.ExportSubjectPublicKeyInfo()]))
            {
                return key;
            }
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            // Said below.
        }
        finally
        {
            Array.Clear(characters);
        }

        key.Dispose();
        throw CommandFailedException.Usage($"{path} is no private key on P-256 in PEM, such as openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 makes");
    }

    private static string ReadText(string path)
    {
        FileInfo file = new(path);
        return !file.Exists ? throw CommandFailedException.Usage($"{path}: there is no such file")
            : file.Length > BytesMax ? throw CommandFailedException.Usage($"{path}: {file.Length} bytes, and so no key")
            : File.ReadAllText(path);
    }
}
