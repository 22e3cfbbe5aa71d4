using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>
/// What was verified or read before and can never turn out otherwise: that a key signed some bytes, and what a text of
/// collateral or a chain says. Whether it is in date, revoked or current is asked each time. Bounded; safe on any thread.
/// </summary>
internal sealed class VerificationMemory
{
    /// <summary>Signatures kept: a platform has ten, so some hundred platforms; 32 bytes each.</summary>
    internal const int SignaturesMax = 2048;

    /// <summary>Texts kept, with what was read from each.</summary>
    internal const int TextsMax = 64;

    /// <summary>Bytes of a text that is kept; Intel's collateral has 20 KiB, and nobody shall fill the memory with other things.</summary>
    internal const int TextBytesMax = 256 * 1024;

    /// <summary>Beside the algorithms' numbers: signatures of fixed length with SHA-256. Nothing else is remembered of those.</summary>
    private const int FixedSha256 = -1;

    private readonly Lock _lock = new();
    private readonly Dictionary<Digest, object> _texts = [];
    private HashSet<Digest> _signatures = [];
    private HashSet<Digest> _olderSignatures = [];

    /// <summary>Whether the key's signature holds. One that did before is not computed again.</summary>
    internal bool Verifies(PublicKey key, ReadOnlySpan<byte> data, ReadOnlyMemory<byte> signature, SignatureAlgorithm algorithm)
    {
        Digest id = IdOf((int)algorithm, key.Identity, data, signature.Span);
        if (IsKnown(id))
        {
            return true;
        }

        bool holds = key.Verifies(data, signature, algorithm);
        if (holds)
        {
            Keep(id);
        }

        return holds;
    }

    /// <summary>The same for r and s of fixed length, by ECDSA with SHA-256.</summary>
    internal bool VerifiesFixedSha256(PublicKey key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Digest id = IdOf(FixedSha256, key.Identity, data, signature);
        bool holds = IsKnown(id) || key.VerifiesFixed(data, signature, HashAlgorithmName.SHA256);
        if (holds)
        {
            Keep(id);
        }

        return holds;
    }

    /// <summary>What <paramref name="read"/> made of the same text before, or makes of it now. Failures are not kept.</summary>
    internal Outcome<T> Read<T>(ReadOnlyMemory<byte> text, Func<ReadOnlyMemory<byte>, Outcome<T>> read)
        where T : class
    {
        if (text.Length > TextBytesMax)
        {
            return read(text);
        }

        Digest id = Digest.Of(SHA256.HashData(text.Span));
        lock (_lock)
        {
            if (_texts.TryGetValue(id, out object? known) && known is T same)
            {
                return same;
            }
        }

        // What is kept must not change when the caller's memory does.
        Outcome<T> outcome = read(text.ToArray());
        if (outcome.Succeeded)
        {
            lock (_lock)
            {
                if (_texts.Count >= TextsMax)
                {
                    _texts.Clear();
                }

                _texts[id] = outcome.Value;
            }
        }

        return outcome;
    }

    private static Digest IdOf(int tag, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> lengths = stackalloc byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(lengths, tag);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[4..], key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[8..], data.Length);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[12..], signature.Length);
        hash.AppendData(lengths);
        hash.AppendData(key);
        hash.AppendData(data);
        hash.AppendData(signature);
        Span<byte> digest = stackalloc byte[32];
        hash.GetHashAndReset(digest);
        return Digest.Of(digest);
    }

    private bool IsKnown(Digest id)
    {
        lock (_lock)
        {
            return _signatures.Contains(id) || _olderSignatures.Contains(id);
        }
    }

    /// <summary>The younger half moves on when it is full, and the older one is forgotten.</summary>
    private void Keep(Digest id)
    {
        lock (_lock)
        {
            if (_signatures.Count >= SignaturesMax / 2)
            {
                (_olderSignatures, _signatures) = (_signatures, []);
            }

            _signatures.Add(id);
        }
    }

    /// <summary>A whole SHA-256: whoever sends evidence chooses what is kept, and must not find two things of one id.</summary>
    private readonly record struct Digest(UInt128 First, UInt128 Second)
    {
        internal static Digest Of(ReadOnlySpan<byte> digest) =>
            new(BinaryPrimitives.ReadUInt128LittleEndian(digest), BinaryPrimitives.ReadUInt128LittleEndian(digest[16..]));
    }
}
