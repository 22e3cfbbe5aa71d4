namespace Culvert.Streams;

/// <summary>
/// Gives what a canonical plan only names: code, sources and sinks. Whatever is given is checked against the name and the
/// schemas that the plan has for it, so that a plan's digest covers it. Null for a name that is not known.
/// </summary>
public interface IPlanParts
{
    /// <summary>Code without state, by <see cref="Streams.Code.Identity"/>.</summary>
    Code? Code(string identity, Schema input, Schema output);

    /// <summary>Code with a state per key, by <see cref="FoldCode.Identity"/>; <paramref name="output"/> is without the keys.</summary>
    FoldCode? Fold(string identity, Schema input, Schema output);

    /// <summary>
    /// A source, by <see cref="SourceSpec.Canonical"/>. <paramref name="index"/> counts the plan's sources from 0 in its order:
    /// names of files are not in a plan, so two sources of it can have one text.
    /// </summary>
    SourceSpec? Source(int index, string canonical, Schema schema, int partitionCount);

    /// <summary>A sink, by <see cref="SinkSpec.Canonical"/>; <paramref name="index"/> counts the plan's sinks as for sources.</summary>
    SinkSpec? Sink(int index, string canonical, Schema schema);
}
