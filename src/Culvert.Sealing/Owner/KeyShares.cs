using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>
/// Secret sharing of an owner's secret, with what it takes to print the shares (docs/specs/key-share.md): any threshold
/// of the shares give it back, and fewer are independent of it.
/// </summary>
public static class KeyShares
{
    /// <summary>How many choices of shares are tried in search of those that were altered: well under a second.</summary>
    internal const int ChoicesMax = 1000;

    /// <summary>
    /// A new set of shares, numbered from 1; the caller disposes them. <paramref name="threshold"/> is from 1 to
    /// <paramref name="count"/>, which is at most <see cref="KeyShare.CountMax"/>; with 1 every share is the key itself.
    /// </summary>
    public static KeyShare[] Split(Secret owner, int threshold, int count, IEntropy entropy)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(owner.Length, Secret.KeyBytes, nameof(owner));
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, KeyShare.CountMax);

        // Before the coefficients: vectors fix the order.
        Span<byte> set = stackalloc byte[sizeof(ulong)];
        entropy.Fill(set);
        ulong setId = BinaryPrimitives.ReadUInt64BigEndian(set);
        OwnerKeyId keyId = KeySchedule.KeyId(owner);
        return [.. SecretSharing.Split(owner, threshold, count, entropy)
            .Select(share => new KeyShare(keyId, setId, share.Number, count, threshold, share.Value))];
    }

    /// <summary>
    /// The secret of a set, the caller's to dispose. Refused are shares of different keys or sets, one given twice, too few,
    /// and altered ones: those by their numbers, where there are enough shares to tell which they are.
    /// </summary>
    public static Outcome<Secret> Recover(IReadOnlyList<KeyShare> shares)
    {
        if (Unfit(shares) is { } unfit)
        {
            return unfit;
        }

        int threshold = shares[0].Threshold;
        int[] chosen = [.. Enumerable.Range(0, threshold)];
        for (int choices = 0; choices < ChoicesMax; choices++)
        {
            KeyShare[] some = [.. chosen.Select(i => shares[i])];
            Secret owner = SecretSharing.Combine(Points(some));
            if (KeySchedule.KeyId(owner) == shares[0].KeyId)
            {
                if (Altered(shares, some) is { } altered)
                {
                    owner.Dispose();
                    return altered;
                }

                return owner;
            }

            owner.Dispose();
            if (!Advance(chosen, shares.Count))
            {
                break;
            }
        }

        return new Failure(
            FailureKind.Integrity,
            $"the shares do not give the key {shares[0].KeyId}: at least one of {Numbers(shares)} was altered; try other shares of the set, or more of them");
    }

    /// <summary>Why shares cannot be put together; null when they can.</summary>
    private static Failure? Unfit(IReadOnlyList<KeyShare> shares)
    {
        if (shares.Count == 0)
        {
            return new Failure(FailureKind.Missing, "no share was given");
        }

        KeyShare first = shares[0];
        Dictionary<int, int> places = [];
        for (int i = 0; i < shares.Count; i++)
        {
            KeyShare share = shares[i];
            string pair = $"share {first.Number} (given first) and share {share.Number} (given as number {i + 1})";
            if (share.KeyId != first.KeyId)
            {
                return new Failure(FailureKind.Mismatch, $"{pair} are of different keys: {first.KeyId} and {share.KeyId}");
            }

            if (share.SetId != first.SetId)
            {
                return new Failure(FailureKind.Mismatch, $"{pair} are of different backups of the key, with the set ids {first.SetId:x16} and {share.SetId:x16}");
            }

            if (share.Threshold != first.Threshold || share.Count != first.Count)
            {
                return new Failure(FailureKind.Mismatch, $"{pair} differ in how many shares there are or are needed: one of them was altered");
            }

            if (!places.TryAdd(share.Number, i))
            {
                return new Failure(FailureKind.Mismatch, $"share {share.Number} is given twice");
            }
        }

        return shares.Count < first.Threshold
            ? new Failure(
                FailureKind.Missing,
                $"{first.Threshold} of the {first.Count} shares are needed, and {(shares.Count == 1 ? $"only share {Numbers(shares)} was" : $"only the shares {Numbers(shares)} were")} given")
            : null;
    }

    /// <summary>The shares that are not on the polynomials that <paramref name="good"/> fix; null when there are none.</summary>
    private static Failure? Altered(IReadOnlyList<KeyShare> shares, KeyShare[] good)
    {
        List<KeyShare> altered = [];
        foreach (KeyShare share in shares.Except(good))
        {
            using SecretShare expected = SecretSharing.Rebuild(share.Number, Points(good));
            if (!CryptographicOperations.FixedTimeEquals(expected.Value.Bytes, share.Value.Bytes))
            {
                altered.Add(share);
            }
        }

        return altered.Count == 0 ? null : new Failure(
            FailureKind.Integrity,
            $"{(altered.Count == 1 ? "share" : "the shares")} {Numbers(altered)} {(altered.Count == 1 ? "was" : "were")} altered; the key is recovered without {(altered.Count == 1 ? "it" : "them")}");
    }

    /// <summary>The next choice of as many of <paramref name="count"/> places, in order; false behind the last.</summary>
    private static bool Advance(int[] chosen, int count)
    {
        int i = chosen.Length - 1;
        while (i >= 0 && chosen[i] == count - chosen.Length + i)
        {
            i--;
        }

        if (i < 0)
        {
            return false;
        }

        chosen[i]++;
        for (int j = i + 1; j < chosen.Length; j++)
        {
            chosen[j] = chosen[j - 1] + 1;
        }

        return true;
    }

    private static SecretShare[] Points(KeyShare[] shares) =>
        [.. shares.Select(share => new SecretShare(share.Number, share.Value))];

    private static string Numbers(IEnumerable<KeyShare> shares) =>
        string.Join(", ", shares.Select(share => share.Number).Order().Select(number => number.ToString(CultureInfo.InvariantCulture)));
}
