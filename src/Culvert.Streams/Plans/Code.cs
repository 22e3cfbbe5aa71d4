namespace Culvert.Streams;

/// <summary>
/// User code without state, as a plan names it. It reads all columns of its input. Rooms that know a language derive from it.
/// </summary>
public abstract class Code
{
    /// <summary>What it reads.</summary>
    public abstract Schema Input { get; }

    /// <summary>What it delivers.</summary>
    public abstract Schema Output { get; }

    /// <summary>
    /// What it is, as canonical text: for a delegate the SHA-256 of its assembly, the method and the captured constants;
    /// for a script its role and text. Part of the plan's digest.
    /// </summary>
    public abstract string Identity { get; }

    /// <summary>How <c>plan</c> shows it.</summary>
    public abstract string Description { get; }

    /// <summary>Makes the code ready for one partition; used by one thread at a time.</summary>
    public abstract ICodeInstance Create();
}

/// <summary>User code at work in one partition.</summary>
public interface ICodeInstance : IDisposable
{
    /// <summary>
    /// Runs over a batch, which stays the caller's, and emits what comes of it, in order; the receiver disposes what is
    /// emitted. A row that fails throws <see cref="RowFailedException"/>. <paramref name="seed"/> is the identity of the
    /// batch: code that wants randomness takes it from there, so that a replay does the same.
    /// </summary>
    void Run(Batch batch, ulong seed, Action<Batch> emit);
}
