using System.Globalization;

namespace Culvert.Streams;

/// <summary>Values in words that are the same everywhere: invariant, shortest that reads back, moments as ISO 8601.</summary>
public static class ValueText
{
    /// <summary>A value as <see cref="Column.GetValue"/> gives it, not null.</summary>
    public static string Format(object value) => value switch
    {
        bool b => b ? "true" : "false",
        DateTime t => Format(t),
        DateTimeOffset o => Trim(o.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture)) + o.ToString("zzz", CultureInfo.InvariantCulture),
        TimeSpan s => s.ToString("c", CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToBase64String(bytes),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Format(DateTime value) =>
        Trim(value.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture)) + (value.Kind == DateTimeKind.Utc ? "Z" : "");

    private static string Trim(string text) => text.TrimEnd('0').TrimEnd('.');
}
