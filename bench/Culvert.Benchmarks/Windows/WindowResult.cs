namespace Culvert.Benchmarks.Windows;

/// <summary>A result row: a key's events in the window that starts then.</summary>
public record struct WindowResult(DateTime Start, int Key, long Count, long Sum);
