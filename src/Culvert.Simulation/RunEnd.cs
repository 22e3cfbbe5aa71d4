namespace Culvert.Simulation;

/// <summary>Why <see cref="World.Run"/> came back.</summary>
public enum RunEnd
{
    /// <summary>What was waited for is so.</summary>
    Reached = 1,

    /// <summary>Nothing is left to happen.</summary>
    Quiet,

    /// <summary>The steps that were allowed are used up.</summary>
    OutOfSteps,
}
