using System.CommandLine;
using Culvert.Cli.Commands.Keys;

namespace Culvert.Cli.Sealed;

/// <summary>Arguments and options that the commands over sealed files share.</summary>
internal static class SealedSymbols
{
    internal static Option<string?> Key()
    {
        Option<string?> key = OwnerKeyOptions.Key();
        key.Required = true;
        return key;
    }

    internal static Argument<string> File() => new("FILE") { Description = "The sealed file" };

    internal static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Show no progress and no summary" };

    internal static Option<string[]> Names(string name, string description, string help) => new(name)
    {
        Description = description,
        HelpName = help,
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    /// <summary>The parts of values between commas, over all uses of an option.</summary>
    internal static string[] Parts(string[]? values) =>
        [.. (values ?? []).SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries))];
}
