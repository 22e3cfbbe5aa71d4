using System.Globalization;

namespace Culvert.Benchmarks.Provisioning;

/// <summary>How much is measured.</summary>
/// <param name="Enclaves">Enclaves that are started at once, 1 to 64.</param>
/// <param name="Repeats">Runs of each kind that count.</param>
/// <param name="Rows">Rows of the file that is worked off for the cost per event.</param>
/// <param name="Times">How often a run is given that file.</param>
public sealed record ProvisioningOptions(int Enclaves = 16, int Repeats = 5, long Rows = 1_000_000, int Times = 300)
{
    private const int EnclavesMax = 64;

    /// <summary>Reads a command line; null for one that makes no sense.</summary>
    public static ProvisioningOptions? Parse(IReadOnlyList<string> arguments)
    {
        ProvisioningOptions options = new();
        for (int i = 0; i < arguments.Count; i += 2)
        {
            if (i + 1 == arguments.Count || !int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
            {
                return null;
            }

            ProvisioningOptions? next = arguments[i] switch
            {
                "--enclaves" when number <= EnclavesMax => options with { Enclaves = number },
                "--repeats" => options with { Repeats = number },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            options = next;
        }

        return options;
    }
}
