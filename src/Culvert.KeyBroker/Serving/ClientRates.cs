using System.Net;
using System.Net.Sockets;

namespace Culvert.KeyBroker;

/// <summary>What a client may do now.</summary>
internal enum RateAnswer
{
    /// <summary>Go on.</summary>
    Allowed,

    /// <summary>Wait; the first time since it was last allowed.</summary>
    Refused,

    /// <summary>Wait, as it was told before.</summary>
    RefusedAgain,
}

/// <summary>
/// A bucket of tokens for each client, by address (an IPv6 network of 64 bits is one client). Bounded: when there are too many,
/// those whose buckets are full again are forgotten, and failing that all share what is left for strangers. Thread safe.
/// </summary>
internal sealed class ClientRates(double burst, double perSecond)
{
    internal const int ClientsMax = 4096;

    private readonly Dictionary<IPAddress, Bucket> _buckets = [];
    private readonly Bucket _strangers = new() { Tokens = burst };
    private readonly Lock _lock = new();

    /// <summary>Takes a token of a client. <paramref name="now"/> is time that never goes back.</summary>
    internal RateAnswer Take(IPAddress client, TimeSpan now)
    {
        lock (_lock)
        {
            Bucket bucket = BucketOf(NetworkOf(client), now);
            Fill(bucket, now);
            if (bucket.Tokens >= 1)
            {
                bucket.Tokens--;
                bucket.IsRefused = false;
                return RateAnswer.Allowed;
            }

            RateAnswer answer = bucket.IsRefused ? RateAnswer.RefusedAgain : RateAnswer.Refused;
            bucket.IsRefused = true;
            return answer;
        }
    }

    private Bucket BucketOf(IPAddress client, TimeSpan now)
    {
        if (_buckets.TryGetValue(client, out Bucket? known))
        {
            return known;
        }

        if (_buckets.Count >= ClientsMax)
        {
            foreach ((IPAddress address, Bucket bucket) in _buckets.ToArray())
            {
                Fill(bucket, now);
                if (bucket.Tokens >= burst)
                {
                    _buckets.Remove(address);
                }
            }
        }

        if (_buckets.Count >= ClientsMax)
        {
            return _strangers;
        }

        Bucket made = new() { Tokens = burst, At = now };
        _buckets.Add(client, made);
        return made;
    }

    private void Fill(Bucket bucket, TimeSpan now)
    {
        bucket.Tokens = Math.Min(burst, bucket.Tokens + ((now - bucket.At).TotalSeconds * perSecond));
        bucket.At = now;
    }

    private static IPAddress NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private sealed class Bucket
    {
        internal double Tokens { get; set; }

        internal TimeSpan At { get; set; }

        internal bool IsRefused { get; set; }
    }
}
