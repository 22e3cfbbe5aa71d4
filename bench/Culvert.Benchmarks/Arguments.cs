using System.Globalization;

namespace Culvert.Benchmarks;

/// <summary>Reads the command line of <c>culvert bench engine</c> and of other parts with scenarios.</summary>
public static class Arguments
{
    /// <summary>The options, or null when the arguments make no sense.</summary>
    public static BenchmarkOptions? Parse(ReadOnlySpan<string> arguments)
    {
        BenchmarkOptions options = new();
        while (!arguments.IsEmpty)
        {
            switch (arguments)
            {
                case ["--rows", string text, ..] when Count(text) is long rows:
                    options = options with { Rows = rows };
                    arguments = arguments[2..];
                    break;
                case ["--repeats", string text, ..] when Count(text) is long repeats and <= 1000:
                    options = options with { Repeats = (int)repeats };
                    arguments = arguments[2..];
                    break;
                case ["--only", string name, ..]:
                    options = options with { Only = name };
                    arguments = arguments[2..];
                    break;
                case ["--report", string path, ..]:
                    options = options with { Report = path };
                    arguments = arguments[2..];
                    break;
                case ["--save", ..]:
                    options = options with { Save = true };
                    arguments = arguments[1..];
                    break;
                default:
                    return null;
            }
        }

        return options;
    }

    private static long? Count(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count > 0 ? count : null;
}
