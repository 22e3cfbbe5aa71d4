using System.Globalization;

/// <summary>Sensors that nobody has to buy: slow waves with noise, some readings arriving up to two seconds late.</summary>
internal static class Readings
{
    private const double WaveSeconds = 60;
    private const double DelaySecondsMax = 2;

    public static async IAsyncEnumerable<Reading> Endless(int sensors, int readingsPerSecond)
    {
        Random random = new(20080101);
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1.0 / readingsPerSecond));
        for (int i = 0; await timer.WaitForNextTickAsync().ConfigureAwait(false); i++)
        {
            int sensor = i % sensors;
            double delaySeconds = random.NextDouble() < 0.1 ? random.NextDouble() * DelaySecondsMax : 0;
            DateTime time = DateTime.UtcNow.AddSeconds(-delaySeconds);
            double wave = Math.Sin((time.TimeOfDay.TotalSeconds / WaveSeconds * Math.Tau) + sensor);
            yield return new Reading(
                string.Create(CultureInfo.InvariantCulture, $"sensor-{sensor}"), time, 20 + (5 * wave) + random.NextDouble());
        }
    }
}
