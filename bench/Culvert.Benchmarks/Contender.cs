namespace Culvert.Benchmarks;

/// <summary>What a contender is to the comparison.</summary>
public enum ContenderRole
{
    /// <summary>Culvert itself.</summary>
    Culvert,

    /// <summary>What a user would pick instead.</summary>
    Peer,

    /// <summary>What the machine can do at most: code for just this question.</summary>
    Limit,
}

/// <summary>One way to do a scenario's work.</summary>
/// <param name="Name">As tables and plots show it.</param>
/// <param name="Role">What it is to the comparison.</param>
/// <param name="Run">Does the work once and returns the answer in a form that is equal for equal answers.</param>
public sealed record Contender(string Name, ContenderRole Role, Func<string> Run)
{
    /// <summary>Why it cannot run here; null when it can.</summary>
    public string? Absent { get; init; }

    /// <summary>The part of the scenario's work that it does, above 0 and up to 1; peers that would take too long do less. Default 1.</summary>
    public double Share { get; init; } = 1;

    /// <summary>The answer it must give where its share of the work has another one; null where all answer alike.</summary>
    public string? Expected { get; init; }

    /// <summary>What else the run that has just ended showed; null when nothing but its time counts.</summary>
    public Func<IReadOnlyList<Figure>>? Figures { get; init; }

    /// <summary>A contender that cannot run here, and why.</summary>
    public static Contender Missing(string name, ContenderRole role, string reason) =>
        new(name, role, () => throw new InvalidOperationException(reason)) { Absent = reason };
}
