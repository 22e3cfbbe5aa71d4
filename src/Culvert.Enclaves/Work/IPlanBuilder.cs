using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>Makes a plan of what a release brings: of its canonical form and scripts, or again from the program that holds its code.</summary>
public interface IPlanBuilder
{
    /// <summary>
    /// The plan whose canonical form these bytes are. <paramref name="code"/> is what the owner sent along for the builder.
    /// A plan of any other digest is refused.
    /// </summary>
    Outcome<Plan> Build(ReadOnlySpan<byte> canonical, ReadOnlySpan<byte> code);
}
