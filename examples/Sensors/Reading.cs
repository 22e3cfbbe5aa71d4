/// <summary>What a sensor measured, and when.</summary>
internal sealed record Reading(string Sensor, DateTime Time, double Value);
