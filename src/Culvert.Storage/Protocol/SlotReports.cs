using System.Text;

namespace Culvert.Storage;

/// <summary>
/// What each cloud did in one operation, for messages that name clouds. Whoever has the operation's result reads it while the rest of
/// the operation goes on. Thread safe.
/// </summary>
internal sealed class SlotReports
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, string> _failures = [];
    private readonly List<CloudCharge> _charges = [];

    /// <summary>Those so far.</summary>
    internal IReadOnlyList<CloudCharge> Charges
    {
        get
        {
            lock (_lock)
            {
                return [.. _charges];
            }
        }
    }

    /// <summary>Slots that have failed so far.</summary>
    internal IReadOnlyList<int> Failed
    {
        get
        {
            lock (_lock)
            {
                return [.. _failures.Keys];
            }
        }
    }

    internal void Fail(int slot, string why)
    {
        lock (_lock)
        {
            _failures.TryAdd(slot, why);
        }
    }

    internal void Fail(int slot, CloudFailure failure) => Fail(slot, failure.Kind == CloudFailureKind.Absent ? "it is not there" : failure.Message);

    /// <summary>Notes a charge, once for each object.</summary>
    internal void Add(CloudCharge charge)
    {
        lock (_lock)
        {
            if (!_charges.Any(other => other.Slot == charge.Slot && other.Kind == charge.Kind && other.ObjectName == charge.ObjectName))
            {
                _charges.Add(charge);
            }
        }
    }

    /// <summary>Notes a charge, which is why the cloud's answer does not count.</summary>
    internal void Charge(CloudCharge charge)
    {
        Add(charge);
        Fail(charge.Slot, charge.Message);
    }

    internal string Text(Func<int, string> nameOf)
    {
        StringBuilder text = new();
        lock (_lock)
        {
            foreach ((int slot, string why) in _failures)
            {
                text.Append(text.Length == 0 ? "" : "; ").Append(nameOf(slot)).Append(": ").Append(why);
            }
        }

        return text.ToString();
    }
}
