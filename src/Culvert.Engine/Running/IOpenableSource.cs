using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>A source spec that knows how to open itself.</summary>
public interface IOpenableSource
{
    /// <summary>Opens the source for the columns of <paramref name="schema"/>. Failures throw <see cref="SourceFailedException"/>.</summary>
    ISource Open(Schema schema, IClock clock);
}

/// <summary>A sink spec that knows how to open itself.</summary>
public interface IOpenableSink
{
    /// <summary>In what form it writes: state of another form is of no use to it.</summary>
    string Form { get; }

    /// <summary>As <see cref="Stages.IStageServices.OpenSink"/>.</summary>
    Stages.ISinkWriter Open(Schema schema, PartitionId partition, ReadOnlySpan<byte> position);
}
