namespace Culvert.Storage;

/// <summary>What asking for a configuration gave; null where fewer than f + 1 clouds hold the same.</summary>
internal sealed record ConfigurationReading(StoreConfiguration? Newest);

/// <summary>
/// Reads the newest configuration that f + 1 clouds hold alike, of n - f that answer. Every one is signed by the owner; that f + 1 have it
/// shows that the owner meant it to be followed, and did not stop before.
/// </summary>
/// <param name="quorum">How many clouds it takes, of those asked.</param>
/// <param name="read">Reads and verifies a configuration.</param>
internal sealed class ConfigurationRead(Quorum quorum, Func<ReadOnlyMemory<byte>, Outcome<StoreConfiguration>> read)
    : ProtocolCore<ConfigurationReading>(quorum)
{
    private const int LikelyBytes = 4096;

    // A replacement that was cut short left a newer one on few clouds: the one before must still be found.
    private const int NumbersMax = 3;

    private readonly Dictionary<ContentDigest, (StoreConfiguration Configuration, HashSet<int> Slots)> _held = [];
    private readonly Dictionary<ContentDigest, StoreConfiguration> _verified = [];
    private int _answered;
    private int _failed;

    internal override void Start()
    {
        for (int slot = 0; slot < Quorum.Clouds; slot++)
        {
            int s = slot;
            Board.List(s, UnitObjects.Configurations, reply => Listed(s, reply));
        }
    }

    private void Listed(int slot, CloudReply reply)
    {
        if (!reply.Succeeded)
        {
            Reports.Fail(slot, reply.Failure!);
            Ended(ref _failed);
            return;
        }

        long[] numbers = [.. reply.Listing!.Entries.Select(entry => UnitObjects.Number(entry.Name, UnitObjects.Configurations)).OfType<long>()
            .Distinct().OrderDescending().Take(NumbersMax)];
        int left = numbers.Length;
        bool failed = false;
        if (left == 0)
        {
            Reports.Fail(slot, "it holds no configuration");
            Ended(ref _answered);
        }

        foreach (long number in numbers)
        {
            string name = UnitObjects.Configuration(number);
            Board.Get(slot, name, LikelyBytes, UnitLimits.ConfigurationBytesMax, got =>
            {
                failed |= !Weigh(slot, number, name, got);
                if (--left == 0)
                {
                    Ended(ref (failed ? ref _failed : ref _answered));
                }
            });
        }
    }

    /// <summary>False when the cloud did not answer.</summary>
    private bool Weigh(int slot, long number, string name, CloudReply got)
    {
        if (got.IsTooLong)
        {
            Reports.Charge(new CloudCharge(slot, ChargeKind.Forged, name, got.Failure!.Message, got.Bytes));
            return true;
        }

        if (!got.Succeeded)
        {
            Reports.Fail(slot, got.Failure!);
            return got.IsAbsent;
        }

        // What clouds have alike is verified once.
        ContentDigest bytes = ContentDigest.Of(got.Bytes.Span);
        Outcome<StoreConfiguration> configuration = _verified.TryGetValue(bytes, out StoreConfiguration? known) ? known : read(got.Bytes);
        if (!configuration.Succeeded || configuration.Value.Number != number)
        {
            Reports.Charge(new CloudCharge(
                slot, ChargeKind.Forged, name, configuration.Succeeded ? "a configuration of another number" : configuration.Failure.Message, got.Bytes));
            return true;
        }

        _verified[bytes] = configuration.Value;
        if (!_held.TryGetValue(configuration.Value.Digest, out (StoreConfiguration Configuration, HashSet<int> Slots) held))
        {
            _held.Add(configuration.Value.Digest, held = (configuration.Value, []));
        }

        held.Slots.Add(slot);
        return true;
    }

    private void Ended(ref int count)
    {
        count++;
        if (_answered >= Quorum.Enough || _answered + _failed == Quorum.Clouds)
        {
            Finish(new ConfigurationReading(_held.Values
                .Where(held => held.Slots.Count >= Quorum.OneCorrect)
                .Select(held => held.Configuration)
                .OrderByDescending(configuration => configuration.Number)
                .ThenByDescending(configuration => configuration.Digest)
                .FirstOrDefault()));
            Board.CancelAll();
        }
    }
}
