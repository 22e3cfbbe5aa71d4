using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>How a check of a proof came out.</summary>
public enum ProofCheckOutcome
{
    /// <summary>It was made, and holds.</summary>
    Holds,

    /// <summary>It was made, and does not hold.</summary>
    Fails,

    /// <summary>It was not made: nobody asked, or there is nothing to check.</summary>
    NotChecked,
}

/// <summary>One check of a proof.</summary>
/// <param name="Name">Its name, such as <c>proof.evidence</c>; docs/specs/proof.md lists them.</param>
/// <param name="Outcome">How it came out.</param>
/// <param name="Words">What was found, for people.</param>
public sealed record ProofCheck(string Name, ProofCheckOutcome Outcome, string Words);

/// <summary>What comes of a proof as a whole.</summary>
public enum ProofStatus
{
    /// <summary>A check does not hold, or one that was asked for could not be made.</summary>
    Fails,

    /// <summary>All holds, but there is a simulation among the enclaves: nothing is proven about hardware.</summary>
    HoldsAsSimulation,

    /// <summary>All holds.</summary>
    Holds,
}

/// <summary>What a verifier has to say of a proof. Immutable.</summary>
public sealed record ProofVerdict
{
    /// <summary>The whole.</summary>
    public required ProofStatus Status { get; init; }

    /// <summary>An enclave's evidence is a simulation: to be said before anything else.</summary>
    public required bool IsSimulation { get; init; }

    /// <summary>Each check, in order.</summary>
    public required ImmutableArray<ProofCheck> Checks { get; init; }

    /// <summary>Sentences: what is proven. Empty when the proof does not hold.</summary>
    public required ImmutableArray<string> Proven { get; init; }

    /// <summary>Sentences: what is not.</summary>
    public required ImmutableArray<string> NotProven { get; init; }
}
