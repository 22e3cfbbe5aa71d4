namespace Culvert.Streams;

/// <summary>How canonical plans call sources and sinks that are sealed; who runs a plan knows them by these texts.</summary>
public static class SealedText
{
    /// <summary>Begins the text of a sealed source; what follows says how it is cut.</summary>
    public const string Source = "sealed file";

    /// <summary>A sealed result.</summary>
    public const string Sink = "sealed result";
}
