namespace Culvert.Engine;

/// <summary>A made-up reading: each sensor has a level of its own, a slow wave, and noise.</summary>
internal readonly record struct SensorReading(int Sensor, DateTime Time, double Value)
{
    /// <summary>A sensor's wave goes up and down in about this time.</summary>
    private const double WaveSeconds = 120;

    /// <summary>The reading of an index.</summary>
    internal static SensorReading At(SensorOptions options, long startTicks, long index)
    {
        SplitMix64 random = SplitMix64.ForBlock(options.Seed, index);
        int sensor = random.Below(options.Sensors);
        double seconds = index / options.RowsPerSecond;
        double early = random.Below(1 << 20) / (double)(1 << 20);
        // Milliseconds are what devices send.
        long ticks = startTicks + (long)(seconds * 1000) * TimeSpan.TicksPerMillisecond
            - (long)(early * options.Disorder.TotalMilliseconds) * TimeSpan.TicksPerMillisecond;
        double level = 15 + (sensor % 17);
        double wave = 4 * Math.Sin(2 * Math.PI * ((seconds / WaveSeconds) + (sensor / 7.0)));
        double noise = (random.Below(2001) - 1000) / 1000.0;
        double value = Math.Round(level + wave + noise, 2);
        return new SensorReading(sensor, new DateTime(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks), DateTimeKind.Utc), value);
    }
}
