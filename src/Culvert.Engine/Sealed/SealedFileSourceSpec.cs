using System.Globalization;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Sealed files as a job's source, opened in this process: only the columns wanted are read and opened.</summary>
public sealed class SealedFileSourceSpec(SealedFileSourceSettings settings) : SourceSpec, IOpenableSource
{
    /// <summary>What is read.</summary>
    public SealedFileSourceSettings Settings { get; } = settings;

    /// <inheritdoc/>
    public override int PartitionCount => Settings.PartitionCount;

    /// <inheritdoc/>
    public override bool CanProject => true;

    /// <inheritdoc/>
    public override bool IsSealed => true;

    /// <inheritdoc/>
    public override string Description => $"sealed {string.Join(' ', Settings.Inputs)}";

    /// <inheritdoc/>
    public override string Canonical =>
        string.Create(CultureInfo.InvariantCulture, $"{SealedText.Source} partitions={Settings.PartitionCount} groups={Settings.GroupsPerRound}");

    /// <inheritdoc/>
    public ISource Open(Schema schema, IClock clock) => SealedFileSource.Open(Settings, schema);
}
