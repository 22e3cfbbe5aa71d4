using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Culvert.JobFiles.Keys;

namespace Culvert.Cli.Commands.Manifests;

/// <summary>Arguments and options that several <c>manifest</c> commands have.</summary>
internal static class ManifestSymbols
{
    /// <summary>Times as people write them, UTC.</summary>
    private static readonly string[] s_timeFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd"];

    internal static Argument<string> File() => new("FILE") { Description = "The manifest" };

    internal static Option<string[]> Measurement() => Repeated("--measurement", "Code that is accepted: a full measured set, as 'culvert measure --json' prints it; can be repeated", "FILE");

    internal static Option<string[]> Platform() => Repeated("--platform", "What machines of a kind have to fulfil (TCB, advisories, chips), as a policy in JSON, such as sev-snp=policy.json; can be repeated", "KIND=FILE");

    internal static Option<string?> SignerKey() => new("--signer-key") { Description = "The private key (PEM, P-256) of one of the signers whom the version before names", HelpName = "PEM" };

    internal static Option<string[]> Repeated(string name, string description, string help) => new(name)
    {
        Description = description,
        HelpName = help,
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    internal static Option<int?> Count(string name, string description, int most = int.MaxValue) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= most)
            {
                return count;
            }

            result.AddError($"{name} is a number from 0 to {most}, and not '{text}'");
            return null;
        },
    };

    /// <summary>Until when keys are released: a span from now, or a time.</summary>
    internal static Option<Func<DateTimeOffset, DateTimeOffset>?> NotAfter() => new("--not-after")
    {
        Description = "Until when keys are released: 90d from now on, or a date such as 2027-01-31; default of a new manifest: 365d",
        HelpName = "SPAN|DATE",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (TryTime(text, out DateTimeOffset time))
            {
                return _ => time;
            }

            if (Duration.TryParse(text, out TimeSpan span) && span > TimeSpan.Zero && span < TimeSpan.FromDays(365 * 100))
            {
                return now => now + span;
            }

            result.AddError($"--not-after is a span such as 90d or 12h, or a date such as 2027-01-31, and not '{text}'");
            return null;
        },
    };

    /// <summary>For which time something is verified.</summary>
    internal static Option<DateTimeOffset?> At() => new("--at")
    {
        Description = "The time to verify for, such as 2026-06-01T00:00:00Z; default: now",
        HelpName = "TIME",
        CustomParser = result => At(result),
    };

    private static DateTimeOffset? At(ArgumentResult result)
    {
        if (TryTime(result.Tokens[0].Value, out DateTimeOffset time))
        {
            return time;
        }

        result.AddError($"--at {result.Tokens[0].Value}: not a time such as 2026-06-01T00:00:00Z");
        return null;
    }

    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, s_timeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}
