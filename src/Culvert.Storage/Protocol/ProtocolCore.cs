namespace Culvert.Storage;

/// <summary>
/// A pure state machine: it pins calls and timers to its <see cref="Board"/> and is brought what came of them, until it has
/// a result; what is under way then goes on (writes) or was cancelled (reads).
/// </summary>
internal abstract class ProtocolCore<T>(Quorum quorum)
    where T : class
{
    internal CallBoard Board { get; } = new();

    /// <summary>What came of it; null as long as nothing has.</summary>
    internal T? Result { get; private set; }

    /// <summary>It has a result, and nothing is under way any more.</summary>
    internal bool IsFinished => Result is not null && Board.UnderWay == 0;

    /// <summary>What the clouds did.</summary>
    internal SlotReports Reports { get; } = new();

    protected Quorum Quorum => quorum;

    /// <summary>Begins; called once.</summary>
    internal abstract void Start();

    protected void Finish(T result) => Result ??= result;
}
