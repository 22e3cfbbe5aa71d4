using System.Buffers;

namespace Culvert.Streams;

/// <summary>User code with a state per key, as a plan names it.</summary>
public abstract class FoldCode
{
    /// <summary>What it reads (all columns of the input).</summary>
    public abstract Schema Input { get; }

    /// <summary>What it delivers beside the keys.</summary>
    public abstract Schema Output { get; }

    /// <summary>As <see cref="Code.Identity"/>.</summary>
    public abstract string Identity { get; }

    /// <summary>How <c>plan</c> shows it.</summary>
    public abstract string Description { get; }

    /// <summary>True when each event yields a row at once (Scan); false when each key yields one row at the end (Aggregate).</summary>
    public abstract bool EmitsPerEvent { get; }

    /// <summary>True when a fold over the whole stream has a result (its seed) although there was no event; default false.</summary>
    public virtual bool HasResultForNothing => false;

    /// <summary>Makes the code ready for one partition; used by one thread at a time.</summary>
    public abstract IFoldInstance Create();
}

/// <summary>
/// Fold code at work in one partition. The host numbers the keys of a round densely from 0 and gives each known key's
/// state with <see cref="Load"/> before its first event; at the round's end it takes the states with <see cref="Save"/>
/// and then calls <see cref="Clear"/>.
/// </summary>
public interface IFoldInstance : IDisposable
{
    /// <summary>Sets the state of a group from bytes that <see cref="Save"/> wrote. A group never loaded starts anew.</summary>
    void Load(int group, ReadOnlySpan<byte> state);

    /// <summary>
    /// Folds the rows of a batch, in order; <paramref name="groups"/> has the group of each row. Code that emits per
    /// event returns the rows' results, one per row; other code returns null.
    /// </summary>
    Batch? Fold(Batch batch, ReadOnlySpan<int> groups, ulong seed);

    /// <summary>Writes a group's state.</summary>
    void Save(int group, IBufferWriter<byte> writer);

    /// <summary>The results of groups 0 to <paramref name="groupCount"/> - 1, one row each.</summary>
    Batch Finish(int groupCount);

    /// <summary>Forgets all groups.</summary>
    void Clear();
}
