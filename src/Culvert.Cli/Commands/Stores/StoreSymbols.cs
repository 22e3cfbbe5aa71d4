using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Stores;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary>Arguments and options that several store commands have.</summary>
internal static class StoreSymbols
{
    /// <summary><c>--config FILE</c>.</summary>
    internal static Option<string> Config() => new("--config", "-c")
    {
        Description = $"The file of clouds; default: {StoreChoice.DefaultPath} in the current folder",
        HelpName = "FILE",
        DefaultValueFactory = _ => StoreChoice.DefaultPath,
    };

    /// <summary>A unit's name.</summary>
    internal static Argument<string> Unit()
    {
        Argument<string> unit = new("NAME") { Description = "The unit's name, such as reports/2026" };
        unit.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && UnitName.TryParse(text) is { Succeeded: false } wrong)
            {
                result.AddError($"'{text}': {wrong.Failure.Message}");
            }
        });
        return unit;
    }

    internal static Option<bool> Json() => new("--json") { Description = "One JSON document instead of text" };

    internal static Option<bool> Quiet() => new("--quiet", "-q") { Description = "No progress; errors are still told" };

    /// <summary>A number from 1.</summary>
    internal static Option<int?> Count(string name, string description, int max) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= 1 && count <= max)
            {
                return count;
            }

            result.AddError($"{name} is a number from 1 to {max}, and not '{text}'");
            return null;
        },
    };

    /// <summary>A version's number.</summary>
    internal static Option<long?> Version() => new("--version")
    {
        Description = "The version's number ('store history' shows them); default: the newest",
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= 1)
            {
                return number;
            }

            result.AddError($"--version is a number from 1, and not '{text}'");
            return null;
        },
    };

    /// <summary>How values are put.</summary>
    internal static Option<string?> Keys() => JobSymbols.OneOf(
        "--keys", "Who can have the value's key: whoever may read f + 1 of the clouds (default), or the readers that the owner has signed", "shared", "sealed");

    /// <summary>Values in the clear, on every cloud.</summary>
    internal static Option<bool> Replicated() => new("--replicated") { Description = "A whole copy at every cloud, in the clear: for what anybody may read" };

    /// <summary>A command with what all have: <c>--config</c>, <c>--key</c> and <c>--passphrase-file</c>.</summary>
    internal static (Command Command, Func<ParseResult, StoreChoice> Choice) Command(string name, string description)
    {
        Option<string> config = Config();
        Option<string?> key = new("--key") { Description = "Your own key, where the store is another's that you may read or write; default: the owner's", HelpName = "FILE" };
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        return (
            new Command(name, description) { config, key, passphrase },
            parsed => new StoreChoice(parsed.GetValue(config)!, parsed.GetValue(passphrase)) { KeyPath = parsed.GetValue(key) });
    }

    /// <summary>Options of a store by those of a command that puts.</summary>
    internal static StoreOptions PutsAs(string? keys, bool isReplicated) => isReplicated && keys is not null
        ? throw CommandFailedException.Usage("--replicated has no keys: it goes without --keys")
        : new StoreOptions
        {
            Protocol = isReplicated ? UnitProtocol.Replicated : UnitProtocol.Sealed,
            KeyMode = keys == "sealed" ? UnitKeyMode.Sealed : UnitKeyMode.Shared,
        };
}
