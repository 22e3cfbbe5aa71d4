using System.Globalization;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary>How large <c>culvert bench securestreams</c> is. The default takes a few minutes on two cores.</summary>
public sealed record SecureStreamsOptions
{
    /// <summary>A size at which everything is done and nothing can be learned: for tests. Seconds.</summary>
    public static SecureStreamsOptions Tiny { get; } = new()
    {
        Rows = 20_000,
        Times = 2,
        Repeats = 1,
        Workers = [1, 2],
        RoundTrips = 200,
        CopiedBytes = 4_000_000,
        Starts = 1,
        SealedBytes = 1_000_000,
        PagingBudgetBytes = 1 << 20,
        PagingEvents = 20_000,
        FetchPeers = false,
    };

    /// <summary>A size that shows the picture within a minute or so.</summary>
    public static SecureStreamsOptions Quick { get; } = new()
    {
        Rows = 1_000_000,
        Times = 10,
        Repeats = 2,
        RoundTrips = 5_000,
        CopiedBytes = 20_000_000,
        Starts = 3,
        SealedBytes = 16_000_000,
        PagingBudgetBytes = 8 << 20,
        PagingEvents = 1_000_000,
    };

    /// <summary>Rows of the flights' file.</summary>
    public long Rows { get; init; } = 5_000_000;

    /// <summary>How often a run is given the file: its rows are so many times the file's.</summary>
    public int Times { get; init; } = 20;

    /// <summary>Runs of each mode and number of workers, after one of each mode that does not count.</summary>
    public int Repeats { get; init; } = 5;

    /// <summary>Numbers of workers.</summary>
    public IReadOnlyList<int> Workers { get; init; } = [1, 2, 4];

    /// <summary>Crossings per batch, of which there are 21.</summary>
    public int RoundTrips { get; init; } = 20_000;

    /// <summary>Copied through the boundary per direction and chunk size; 100 MB in the published evaluation.</summary>
    public long CopiedBytes { get; init; } = 100_000_000;

    /// <summary>Starts of an enclave.</summary>
    public int Starts { get; init; } = 9;

    /// <summary>Sealed and opened per frame size and round.</summary>
    public long SealedBytes { get; init; } = 64_000_000;

    /// <summary>Memory budget of keyed state.</summary>
    public long PagingBudgetBytes { get; init; } = 64 << 20;

    /// <summary>Events counted per size of state.</summary>
    public long PagingEvents { get; init; } = 10_000_000;

    /// <summary>Whether packages of peers may be fetched when they are not there.</summary>
    public bool FetchPeers { get; init; } = true;

    /// <summary>The page's file; the figures go beside it as JSON. Null: under <c>bench/results</c>, named for date and commit.</summary>
    public string? Output { get; init; }

    /// <summary>The options, or null when the arguments make no sense.</summary>
    public static SecureStreamsOptions? Parse(ReadOnlySpan<string> arguments)
    {
        SecureStreamsOptions options = arguments.Contains("--quick") ? Quick : new();
        while (!arguments.IsEmpty)
        {
            switch (arguments)
            {
                case ["--quick", ..]:
                    arguments = arguments[1..];
                    continue;
                case ["-o" or "--output", string path, ..] when path.Length > 0:
                    options = options with { Output = path };
                    break;
                case ["--rows", string text, ..] when Count(text, int.MaxValue) is int rows:
                    options = options with { Rows = rows };
                    break;
                case ["--times", string text, ..] when Count(text, 1000) is int times:
                    options = options with { Times = times };
                    break;
                case ["--repeats", string text, ..] when Count(text, 1000) is int repeats:
                    options = options with { Repeats = repeats };
                    break;
                default:
                    return null;
            }

            arguments = arguments[2..];
        }

        return options;
    }

    private static int? Count(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 && count <= most ? count : null;
}
