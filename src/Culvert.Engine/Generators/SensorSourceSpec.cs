using System.Globalization;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Made-up sensor readings as a source: <c>sensor</c>, <c>time</c> and <c>value</c>.</summary>
public sealed class SensorSourceSpec : SourceSpec, IOpenableSource
{
    /// <summary>A source of readings. Options out of their range are refused with <see cref="ArgumentException"/>.</summary>
    public SensorSourceSpec(SensorOptions options)
    {
        options.Validate();
        Options = options;
    }

    /// <summary>The columns of a reading.</summary>
    public static Schema Readings { get; } = new(
        new Field("sensor", new ColumnType(ValueKind.Int32)),
        new Field("time", new ColumnType(ValueKind.DateTime)),
        new Field("value", new ColumnType(ValueKind.Float64)));

    /// <summary>What it makes.</summary>
    public SensorOptions Options { get; }

    /// <inheritdoc/>
    public override string Canonical => string.Create(
        CultureInfo.InvariantCulture,
        $"sensors rows={Options.Rows} seed={Options.Seed} sensors={Options.Sensors} rate={Options.RowsPerSecond:R} disorder={Options.Disorder.Ticks} start={Options.Start?.Ticks}");

    /// <inheritdoc/>
    public override string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"generated readings of {Options.Sensors} sensors{(Options.Rows is { } rows ? $", {rows} rows" : $", {Options.RowsPerSecond} rows/s without end")}");

    /// <inheritdoc/>
    public ISource Open(Schema schema, IClock clock) => new SensorSource(Options, schema, clock);
}
