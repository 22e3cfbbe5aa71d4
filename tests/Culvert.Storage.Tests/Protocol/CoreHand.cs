namespace Culvert.Storage.Tests;

/// <summary>Holds a core in the hand: takes its effects off, and brings it what came of them, in the order that a test wants.</summary>
internal sealed class CoreHand<T>(ProtocolCore<T> core)
    where T : class
{
    private readonly List<CoreEffect> _open = [];

    internal CoreHand<T> Start()
    {
        core.Start();
        Take();
        return this;
    }

    /// <summary>Calls that were asked for, have not ended, and were not cancelled.</summary>
    internal IReadOnlyList<CloudCall> Calls => [.. _open.OfType<CloudCall>()];

    internal IReadOnlyList<Timer> Timers => [.. _open.OfType<Timer>()];

    /// <summary>Ends the one open call of a slot to a name that begins so.</summary>
    internal void Bring(int slot, string name, CloudReply reply)
    {
        CloudCall call = Assert.Single(Calls, call => call.Slot == slot && NameOf(call).StartsWith(name, StringComparison.Ordinal));
        Bring(call, reply);
    }

    internal void Bring(CoreEffect effect, CloudReply reply)
    {
        _open.Remove(effect);
        core.Board.Bring(effect.Id, reply);
        Take();
    }

    internal static CloudReply Absent => CloudReply.Of(new CloudFailure(CloudFailureKind.Absent, "no"));

    internal static CloudReply Down => CloudReply.Of(new CloudFailure(CloudFailureKind.Unavailable, "down"));

    internal static CloudReply Names(params IEnumerable<string> names) => CloudReply.Of(new CloudListing([.. names.Select(name => new CloudEntry(name, 1))], false));

    internal static string NameOf(CloudCall call) => call switch
    {
        ListCall list => list.Prefix,
        GetCall get => get.Name,
        PutCall put => put.Name,
        RemoveCall remove => remove.Name,
        _ => throw new InvalidOperationException($"{call}"),
    };

    private void Take()
    {
        while (core.Board.Take() is { } effect)
        {
            if (effect is Cancellation)
            {
                _open.RemoveAll(open => open.Id == effect.Id);
            }
            else
            {
                _open.Add(effect);
            }
        }
    }
}
