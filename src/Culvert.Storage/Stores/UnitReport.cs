namespace Culvert.Storage;

/// <summary>Something that one cloud has wrong of a unit.</summary>
/// <param name="Cloud">The cloud.</param>
/// <param name="Kind">What it is charged with; null: with nothing, since it could not be asked, or another writer's record is in a place.</param>
/// <param name="ObjectName">The object.</param>
/// <param name="Message">In words.</param>
/// <param name="IsMended">What ought to be there is there again.</param>
public sealed record UnitFinding(string Cloud, ChargeKind? Kind, string ObjectName, string Message, bool IsMended)
{
    /// <summary>The cloud did not answer, so that nothing is known of the object.</summary>
    public bool IsSilent { get; init; }
}

/// <summary>What lies on clouds and no version needs.</summary>
public enum OrphanKind
{
    /// <summary>A value of an upload that was given up, or is under way.</summary>
    Value = 1,

    /// <summary>A record below the oldest that is kept, or one that is signed and not in the chain: its writer died, or lost against another.</summary>
    Record,

    /// <summary>A lease that has ended, or that nobody signed.</summary>
    Lease,

    /// <summary>Something under a name that no client makes.</summary>
    Foreign,
}

/// <summary>Something that no version needs. It is nobody's lie: anybody who may write at a cloud can leave it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The object's name, or what the names of all its objects begin with.</param>
/// <param name="Clouds">Where it lies.</param>
/// <param name="Objects">How many objects it is, at the cloud that has most of them.</param>
/// <param name="Message">In words.</param>
/// <param name="IsRemoved">It is gone, where clouds removed it.</param>
public sealed record Orphan(OrphanKind Kind, string Name, IReadOnlyList<string> Clouds, long Objects, string Message, bool IsRemoved);

/// <summary>What was found of a unit.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Versions">Versions that were read.</param>
/// <param name="Lost">What no longer can be read, in words; empty when all can.</param>
/// <param name="Findings">What single clouds have wrong.</param>
public sealed record UnitReport(string Unit, int Versions, IReadOnlyList<string> Lost, IReadOnlyList<UnitFinding> Findings)
{
    /// <summary>Where the chain of records cannot be followed, in words; null when it can. Every version can be read all the same.</summary>
    public string? Gap { get; init; }

    /// <summary>What lies about and no version needs.</summary>
    public IReadOnlyList<Orphan> Orphans { get; init; } = [];

    /// <summary>Every cloud has everything.</summary>
    public bool IsWhole => Lost.Count == 0 && Findings.All(finding => finding.IsMended);
}
