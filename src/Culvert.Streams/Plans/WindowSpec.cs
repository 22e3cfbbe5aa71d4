namespace Culvert.Streams;

/// <summary>
/// Windows over event time, aligned to 0001-01-01: one starts every <see cref="Slide"/> and lasts <see cref="Size"/>.
/// An event belongs to those that contain its time, start included, end not.
/// </summary>
public sealed record WindowSpec
{
    /// <summary>Windows of one run of stages may overlap at most this often: each step of the slide is a pane of its own in the state.</summary>
    public const int PanesMax = 2048;

    private WindowSpec(TimeSpan size, TimeSpan slide, TimeSpan lateness)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(size, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(slide, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slide, size);
        ArgumentOutOfRangeException.ThrowIfLessThan(lateness, TimeSpan.Zero);
        (Size, Slide, Lateness) = (size, slide, lateness);
        if (size.Ticks / Pane.Ticks > PanesMax)
        {
            throw new ArgumentException(
                $"a window of {size} by {slide} needs {size.Ticks / Pane.Ticks} panes and at most {PanesMax} are allowed: choose a coarser slide");
        }
    }

    /// <summary>How long a window lasts.</summary>
    public TimeSpan Size { get; }

    /// <summary>How far apart windows start.</summary>
    public TimeSpan Slide { get; }

    /// <summary>How long after its end, by the watermark, a window still takes late events in and is emitted anew.</summary>
    public TimeSpan Lateness { get; }

    /// <summary>The longest span of which both size and slide are multiples: events are first aggregated per pane.</summary>
    public TimeSpan Pane
    {
        get
        {
            long a = Size.Ticks;
            long b = Slide.Ticks;
            while (b != 0)
            {
                (a, b) = (b, a % b);
            }

            return TimeSpan.FromTicks(a);
        }
    }

    /// <summary>Windows side by side.</summary>
    public static WindowSpec Tumbling(TimeSpan size, TimeSpan lateness = default) => new(size, size, lateness);

    /// <summary>Windows that overlap: <paramref name="slide"/> is at most <paramref name="size"/>.</summary>
    public static WindowSpec Sliding(TimeSpan size, TimeSpan slide, TimeSpan lateness = default) => new(size, slide, lateness);

    /// <inheritdoc/>
    public override string ToString() =>
        (Slide == Size ? $"tumbling {Size}" : $"sliding {Size} by {Slide}") + (Lateness > TimeSpan.Zero ? $", lateness {Lateness}" : "");
}
