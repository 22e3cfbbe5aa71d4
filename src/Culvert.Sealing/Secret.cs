using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>
/// Key material: in native memory that the garbage collector neither moves nor copies, zeroed when disposed, and never
/// shown. Thread safe to read; the owner disposes it when nobody reads any more.
/// </summary>
[DebuggerDisplay("redacted")]
public sealed unsafe class Secret : IDisposable
{
    /// <summary>Bytes of a key: AES-256, HKDF-SHA256 and HMAC-SHA256 all take 32.</summary>
    public const int KeyBytes = 32;

    private readonly int _length;
    private byte* _bytes;

    private Secret(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        _length = length;
        _bytes = (byte*)NativeMemory.AllocZeroed((nuint)length);
    }

    /// <summary>Zeroes what nobody disposed.</summary>
    ~Secret() => Erase();

    /// <summary>How many bytes it has.</summary>
    public int Length => _length;

    /// <summary>The bytes; valid until it is disposed. Whoever copies them zeroes the copy.</summary>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_bytes == null, this);
            return new ReadOnlySpan<byte>(_bytes, _length);
        }
    }

    /// <summary>A secret with a copy of bytes, which stay the caller's to zero.</summary>
    public static Secret CopyOf(ReadOnlySpan<byte> bytes)
    {
        Secret secret = new(bytes.Length);
        bytes.CopyTo(secret.Writable);
        return secret;
    }

    /// <summary>A secret that nobody has seen before.</summary>
    public static Secret Random(IEntropy entropy, int length = KeyBytes)
    {
        Secret secret = new(length);
        entropy.Fill(secret.Writable);
        return secret;
    }

    /// <summary>A secret that <paramref name="fill"/> writes in place, so that no copy is left anywhere.</summary>
    public static Secret Create(int length, SpanAction fill)
    {
        Secret secret = new(length);
        try
        {
            fill(secret.Writable);
            return secret;
        }
        catch
        {
            secret.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Erase();
        GC.SuppressFinalize(this);
    }

    /// <summary>Never the bytes.</summary>
    public override string ToString() => "redacted";

    /// <summary>Writes a secret's bytes.</summary>
    public delegate void SpanAction(Span<byte> bytes);

    private Span<byte> Writable => new(_bytes, _length);

    private void Erase()
    {
        if (_bytes != null)
        {
            CryptographicOperations.ZeroMemory(Writable);
            NativeMemory.Free(_bytes);
            _bytes = null;
        }
    }
}
