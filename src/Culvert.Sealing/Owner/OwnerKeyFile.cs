using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>
/// An owner's secret as a file has it (docs/specs/owner-key.md), with or without a passphrase. Takes and gives bytes; who
/// reads and writes the file keeps it from others. Not thread safe.
/// </summary>
public sealed class OwnerKeyFile : IDisposable
{
    /// <summary>Longest file in bytes.</summary>
    public const int BytesMax = KeyTextReader.BytesMax;

    /// <summary>Longest passphrase in bytes.</summary>
    public const int PassphraseBytesMax = 1024;

    /// <summary>Least iterations of PBKDF2, and those of a new file.</summary>
    public const int IterationsMin = 600_000;

    /// <summary>Most iterations: some seconds, and not a way to make a reader hang.</summary>
    public const int IterationsMax = 10_000_000;

    private const string None = "none";
    private const string Pbkdf2 = "pbkdf2-hmac-sha256";
    private const int SaltBytes = 16;
    private const int TagBytes = 16;
    private const int NonceBytes = 12;

    private readonly Secret _body;
    private readonly byte[] _head;
    private readonly byte[] _salt;
    private readonly int _iterations;

    private OwnerKeyFile(OwnerKeyId keyId, Secret body, byte[] head, byte[] salt, int iterations) =>
        (KeyId, _body, _head, _salt, _iterations) = (keyId, body, head, salt, iterations);

    /// <summary>The secret's public name. With a passphrase it is known to be true only once the file has been opened.</summary>
    public OwnerKeyId KeyId { get; }

    /// <summary>Whether a passphrase is needed.</summary>
    public bool HasPassphrase => _iterations > 0;

    /// <summary>Reads a file; the bytes stay the caller's to zero.</summary>
    public static Outcome<OwnerKeyFile> Read(ReadOnlySpan<byte> text)
    {
        KeyTextReader reader = new(text, KeyTextReader.OwnerKeyMark);
        Span<byte> id = stackalloc byte[OwnerKeyId.SizeBytes];
        reader.Hex("key-id", id, grouped: false);
        ReadOnlySpan<byte> protection = reader.Field("passphrase");
        bool isOpen = protection.SequenceEqual("none"u8);
        if (reader.Failure is null && !isOpen && !protection.SequenceEqual("pbkdf2-hmac-sha256"u8))
        {
            reader.Refuse($"passphrase is '{None}' or '{Pbkdf2}'");
        }

        return reader.Failure is { } failure ? failure
            : isOpen ? ReadOpen(reader, OwnerKeyId.FromBytes(id))
            : ReadProtected(reader, OwnerKeyId.FromBytes(id));
    }

    /// <summary>The file's bytes for a secret of <see cref="Secret.KeyBytes"/> bytes, without a passphrase; the caller disposes them.</summary>
    public static Secret Write(Secret owner)
    {
        using KeyTextWriter writer = Begin(owner);
        writer.Field("passphrase", None);
        writer.Hex("secret", owner.Bytes, grouped: false);
        return writer.End(grouped: false);
    }

    /// <summary>The file's bytes, sealed with a passphrase of 1 to <see cref="PassphraseBytesMax"/> bytes.</summary>
    public static Secret Write(Secret owner, Secret passphrase, IEntropy entropy, int iterations = IterationsMin)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(passphrase.Length, PassphraseBytesMax, nameof(passphrase));
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, IterationsMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, IterationsMax);
        byte[] salt = new byte[SaltBytes];
        entropy.Fill(salt);

        using KeyTextWriter writer = Begin(owner);
        writer.Field("passphrase", Pbkdf2);
        writer.Number("iterations", iterations);
        writer.Hex("salt", salt, grouped: false);
        using Secret key = Stretch(passphrase, salt, iterations);
        using AesGcm cipher = new(key.Bytes, TagBytes);
        byte[] body = new byte[owner.Length + TagBytes];
        cipher.Encrypt(new byte[NonceBytes], owner.Bytes, body.AsSpan(0, owner.Length), body.AsSpan(owner.Length), writer.Text);
        writer.Hex("sealed-secret", body, grouped: false);
        return writer.End(grouped: false);
    }

    /// <summary>
    /// The owner's secret, the caller's to dispose. <paramref name="passphrase"/> is null when there is none, and is not
    /// looked at when the file needs none.
    /// </summary>
    public Outcome<Secret> Open(Secret? passphrase)
    {
        if (!HasPassphrase)
        {
            return Secret.CopyOf(_body.Bytes);
        }

        if (passphrase is null)
        {
            return new Failure(FailureKind.Missing, "this key has a passphrase, and none was given");
        }

        if (passphrase.Length > PassphraseBytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"a passphrase has at most {PassphraseBytesMax} bytes");
        }

        using Secret key = Stretch(passphrase, _salt, _iterations);
        using AesGcm cipher = new(key.Bytes, TagBytes);
        try
        {
            Secret owner = Secret.Create(
                Secret.KeyBytes,
                output => cipher.Decrypt(new byte[NonceBytes], _body.Bytes[..Secret.KeyBytes], _body.Bytes[Secret.KeyBytes..], output, _head));
            return Checked(owner);
        }
        catch (AuthenticationTagMismatchException)
        {
            return new Failure(FailureKind.Integrity, "the passphrase does not open this key: it is another one, or the file was altered");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _body.Dispose();

    private static Outcome<OwnerKeyFile> ReadOpen(KeyTextReader reader, OwnerKeyId keyId)
    {
        Span<byte> secret = stackalloc byte[Secret.KeyBytes];
        try
        {
            reader.Hex("secret", secret, grouped: false);
            reader.End(grouped: false);
            if (reader.Failure is { } failure)
            {
                return failure;
            }

            OwnerKeyFile file = new(keyId, Secret.CopyOf(secret), [], [], 0);
            if (file.Checked(file._body) is { Succeeded: false } other)
            {
                return other.Failure;
            }

            return file;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static Outcome<OwnerKeyFile> ReadProtected(KeyTextReader reader, OwnerKeyId keyId)
    {
        int iterations = reader.Number("iterations", IterationsMin, IterationsMax);
        byte[] salt = new byte[SaltBytes];
        reader.Hex("salt", salt, grouped: false);
        byte[] head = reader.TextSoFar.ToArray();
        Span<byte> body = stackalloc byte[Secret.KeyBytes + TagBytes];
        reader.Hex("sealed-secret", body, grouped: false);
        reader.End(grouped: false);
        return reader.Failure is { } failure ? failure : new OwnerKeyFile(keyId, Secret.CopyOf(body), head, salt, iterations);
    }

    private static KeyTextWriter Begin(Secret owner)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(owner.Length, Secret.KeyBytes, nameof(owner));
        KeyTextWriter writer = new(KeyTextReader.OwnerKeyMark);
        writer.Hex("key-id", KeySchedule.KeyId(owner).ToBytes(), grouped: false);
        return writer;
    }

    private static Secret Stretch(Secret passphrase, byte[] salt, int iterations) =>
        Secret.Create(Secret.KeyBytes, output => Rfc2898DeriveBytes.Pbkdf2(passphrase.Bytes, salt, output, iterations, HashAlgorithmName.SHA256));

    private Outcome<Secret> Checked(Secret owner)
    {
        if (KeySchedule.KeyId(owner) == KeyId)
        {
            return owner;
        }

        owner.Dispose();
        return new Failure(FailureKind.Mismatch, "the key id is not that of the secret: the file was put together from two, or altered");
    }
}
