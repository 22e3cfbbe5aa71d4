using System.Globalization;
using Culvert.Enclaves;
using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>The lease of a <c>store lock</c> that this process runs under. It renews nothing: who holds it does. Thread safe.</summary>
internal sealed class InheritedLease : IUnitLease
{
    /// <summary>Characters of a lease file: a unit's name, and some numbers.</summary>
    private const int LengthMax = 1024;

    private readonly string _path;

    private InheritedLease(string path, string unit) => (_path, Unit) = (path, unit);

    /// <inheritdoc/>
    public string Unit { get; }

    /// <summary>
    /// The leases of a store that this process runs under; those of other stores are left out. One that is over ends the command: it
    /// throws <see cref="CommandFailedException"/>.
    /// </summary>
    internal static IReadOnlyList<InheritedLease> Of(StoreId store)
    {
        List<InheritedLease> leases = [];
        foreach (string path in (Environment.GetEnvironmentVariable(LeaseFile.Variable) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            (string of, _, string unit) = Read(path)
                ?? throw new CommandFailedException(ExitCode.Failed, $"the 'store lock' that this runs under holds its lease no more ({path} is gone): nothing is written");
            if (of == store.ToString())
            {
                leases.Add(new InheritedLease(path, unit));
            }
        }

        return leases;
    }

    /// <inheritdoc/>
    public Failure? Refuse() => Read(_path) is not { } lease
        ? new Failure(FailureKind.Mismatch, $"{Unit}: the 'store lock' that this runs under lost its lease, or gave it back")
        : lease.Ends - new StoreOptions().ClockMargin <= MachineClock.Instance.UtcNow
            ? new Failure(FailureKind.Mismatch, $"{Unit}: the lease of the 'store lock' that this runs under has ended")
            : null;

    private static (string Store, DateTimeOffset Ends, string Unit)? Read(string path)
    {
        try
        {
            using StreamReader reader = new(path);
            char[] text = new char[LengthMax];
            string[] lines = new string(text, 0, reader.ReadBlock(text)).Split('\n');
            return lines.Length == 5 && lines[0] == LeaseFile.Mark && long.TryParse(lines[2], NumberStyles.None, CultureInfo.InvariantCulture, out long ends)
                && ends <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
                ? (lines[1], DateTimeOffset.FromUnixTimeMilliseconds(ends), lines[3])
                : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
