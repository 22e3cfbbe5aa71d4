using System.Text;

namespace Culvert.Storage;

/// <summary>What each cloud did in one operation, for messages that name clouds.</summary>
internal sealed class SlotReports
{
    private readonly SortedDictionary<int, string> _failures = [];

    internal List<CloudCharge> Charges { get; } = [];

    internal IEnumerable<int> Failed => _failures.Keys;

    internal void Fail(int slot, string why) => _failures.TryAdd(slot, why);

    internal void Fail(int slot, CloudFailure failure) => Fail(slot, failure.Kind == CloudFailureKind.Absent ? "it is not there" : failure.Message);

    /// <summary>Notes a charge, once for each object.</summary>
    internal void Add(CloudCharge charge)
    {
        if (!Charges.Any(other => other.Slot == charge.Slot && other.Kind == charge.Kind && other.ObjectName == charge.ObjectName))
        {
            Charges.Add(charge);
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
        foreach ((int slot, string why) in _failures)
        {
            text.Append(text.Length == 0 ? "" : "; ").Append(nameOf(slot)).Append(": ").Append(why);
        }

        return text.ToString();
    }
}
