using System.Globalization;

namespace Culvert.Storage;

/// <summary>What one cloud lists of a unit, in bounded room whatever it lists.</summary>
internal sealed class UnitNames(UnitName unit)
{
    /// <summary>Values, records, leases, and other names that are kept in mind, each.</summary>
    private const int KeptMax = 10_000;

    /// <summary>Pages of a list: ten million names.</summary>
    private const int PagesMax = 10_000;

    private readonly string _records = UnitObjects.Records(unit);
    private readonly string _values = UnitObjects.Values(unit);
    private readonly string _leases = UnitObjects.Leases(unit);
    private readonly Dictionary<ValueId, ListedValue> _found = [];

    /// <summary>Counters of records.</summary>
    internal HashSet<long> Counters { get; } = [];

    /// <summary>Values, with what there is of each.</summary>
    internal IReadOnlyDictionary<ValueId, ListedValue> Found => _found;

    /// <summary>Names of leases.</summary>
    internal List<string> Leases { get; } = [];

    /// <summary>Names that no client makes.</summary>
    internal List<string> Foreign { get; } = [];

    /// <summary>There was more than is kept in mind.</summary>
    internal bool IsCut { get; private set; }

    /// <summary>Null when the cloud does not answer.</summary>
    internal static async Task<UnitNames?> OfAsync(ICloud cloud, UnitName unit, CancellationToken cancellationToken)
    {
        UnitNames names = new(unit);
        CloudOutcome<bool> all = await CloudWalk.ForEachAsync(cloud, UnitObjects.All(unit), PagesMax, entry => names.Add(entry.Name), cancellationToken).ConfigureAwait(false);
        names.IsCut |= all.Succeeded && !all.Value;
        return all.Succeeded ? names : null;
    }

    private void Add(string name)
    {
        if (UnitObjects.Number(name, _records) is { } counter)
        {
            Keep(Counters.Count, () => Counters.Add(counter));
        }
        else if (UnitObjects.ValueOf(name, _values) is { } value && Part(name.AsSpan(_values.Length + 33)) is { } part)
        {
            if (_found.TryGetValue(value, out ListedValue? listed))
            {
                listed.Add(part);
            }
            else
            {
                Keep(_found.Count, () => (_found[value] = new ListedValue()).Add(part));
            }
        }
        else if (IsLease(name))
        {
            Keep(Leases.Count, () => Leases.Add(name));
        }
        else
        {
            Keep(Foreign.Count, () => Foreign.Add(name));
        }
    }

    private void Keep(int count, Action add)
    {
        if (count < KeptMax)
        {
            add();
        }
        else
        {
            IsCut = true;
        }
    }

    private bool IsLease(string name) => name.StartsWith(_leases, StringComparison.Ordinal) && !name.AsSpan(_leases.Length).Contains('/');

    /// <summary>A chunk's number; -1 for index and descriptor; null for what is no part of a value.</summary>
    private static long? Part(ReadOnlySpan<char> name) =>
        name is "index" or "descriptor" ? -1
        : name.Length == 8 && int.TryParse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int chunk) && chunk >= 0 && $"{chunk:x8}" == name.ToString() ? chunk
        : null;
}

/// <summary>How much of a value a cloud lists.</summary>
internal sealed class ListedValue
{
    /// <summary>Objects.</summary>
    internal int Objects { get; private set; }

    /// <summary>The greatest chunk's number; -1 when there is no chunk.</summary>
    internal long LastChunk { get; private set; } = -1;

    /// <summary>A number that changes whenever a chunk comes.</summary>
    internal long Progress => ((LastChunk + 1) << 24) + Objects;

    internal void Add(long part) => (Objects, LastChunk) = (Objects + 1, Math.Max(LastChunk, part));
}
