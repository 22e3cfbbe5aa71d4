using System.Globalization;

namespace Culvert.Storage;

/// <summary>The names of objects on clouds (docs/specs/unit.md, Objects).</summary>
internal static class UnitObjects
{
    internal const string Configurations = "c/";
    internal const string Heads = "h/";
    internal const string Tombstones = "t/";
    internal const string Probes = "p/";
    internal const string Units = "u/";

    internal static string Configuration(long number) => $"{Configurations}{Descending(number)}";

    internal static string Head(UnitName unit) => $"{Heads}{unit.Encoded}";

    internal static string Tombstone(UnitName unit) => $"{Tombstones}{unit.Encoded}";

    internal static string Records(UnitName unit) => $"u/{unit.Encoded}/m/";

    internal static string Record(UnitName unit, long counter) => $"{Records(unit)}{Descending(counter)}";

    internal static string Values(UnitName unit) => $"u/{unit.Encoded}/b/";

    internal static string Value(UnitName unit, ValueId value) => $"{Values(unit)}{value}/";

    internal static string Block(UnitName unit, ValueId value, int chunk) =>
        string.Create(CultureInfo.InvariantCulture, $"{Value(unit, value)}{chunk:x8}");

    internal static string Index(UnitName unit, ValueId value) => $"{Value(unit, value)}index";

    internal static string Descriptor(UnitName unit, ValueId value) => $"{Value(unit, value)}descriptor";

    internal static string Leases(UnitName unit) => $"u/{unit.Encoded}/l/";

    internal static string Lease(UnitName unit, WriterId writer, UInt128 nonce) =>
        string.Create(CultureInfo.InvariantCulture, $"{Leases(unit)}{writer}-{nonce:x32}");

    internal static string All(UnitName unit) => $"u/{unit.Encoded}/";

    /// <summary>The number that a name behind a prefix stands for; null when it stands for none.</summary>
    internal static long? Number(string name, string prefix) =>
        name.Length == prefix.Length + 16 && name.StartsWith(prefix, StringComparison.Ordinal)
        && ulong.TryParse(name.AsSpan(prefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong digits)
        && digits <= long.MaxValue && long.MaxValue - (long)digits is >= 1 and <= UnitLimits.NumberMax and long number
        && $"{prefix}{Descending(number)}" == name
            ? number
            : null;

    /// <summary>The unit whose record has a name; null when it is no record's.</summary>
    internal static UnitName? UnitOfRecord(string name)
    {
        int end = name.IndexOf('/', Math.Min(Units.Length, name.Length));
        return name.StartsWith(Units, StringComparison.Ordinal) && end > 0 && UnitName.Decode(name[Units.Length..end]) is { } unit
            && Number(name, Records(unit)) is not null
                ? unit
                : null;
    }

    /// <summary>The value id in the name of one of its objects; null when there is none.</summary>
    internal static ValueId? ValueOf(string name, string values)
    {
        ReadOnlySpan<char> rest = name.AsSpan(Math.Min(values.Length, name.Length));
        return name.StartsWith(values, StringComparison.Ordinal) && rest.Length > 33 && rest[32] == '/'
            && UInt128.TryParse(rest[..32], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 value)
                ? new ValueId(value)
                : null;
    }

    private static string Descending(long number) => (long.MaxValue - number).ToString("x16", CultureInfo.InvariantCulture);
}
