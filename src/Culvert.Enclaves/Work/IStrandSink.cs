using Culvert.Attestation;

namespace Culvert.Enclaves;

/// <summary>A sink that writes a strand of the sealed result.</summary>
internal interface IStrandSink
{
    /// <summary>The strand at its end; null before.</summary>
    ResultStrand? Strand { get; }
}
