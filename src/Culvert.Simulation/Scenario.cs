namespace Culvert.Simulation;

/// <summary>
/// A protocol under test: builds processes in an empty world, lets faults happen, then calms the world, and checks what
/// came of it. A failure is an exception: <see cref="World.Fail"/>, or any other. Stateless: the same object runs many seeds.
/// </summary>
public abstract class Scenario
{
    /// <summary>What <c>culvert simulate --protocol</c> calls it.</summary>
    public abstract string Name { get; }

    /// <summary>What <c>culvert simulate</c> is to be told besides, to run the same; none by default, else with a space before.</summary>
    public virtual string Arguments => "";

    /// <summary>Runs in a world of its own.</summary>
    public abstract void Run(World world);
}
