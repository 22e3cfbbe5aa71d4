using System.Text.RegularExpressions;

namespace Culvert.Repository.Tests;

/// <summary>What no file of the repository holds. Each rule is a function of a text, so that planted flaws can be tried on it.</summary>
internal static partial class SourceRules
{
    /// <summary>Paths that exist on somebody's machine only: in a home, or at a checkout's absolute place.</summary>
    public static IEnumerable<string> MachinePaths(string text) => MachinePath().Matches(text).Select(match => match.Value);

    /// <summary>Hosts that packages were fetched from: they belong to whoever builds, not to the repository.</summary>
    public static IEnumerable<string> RegistryHosts(string text) => RegistryHost().Matches(text).Select(match => match.Value);

    /// <summary>Clocks and chance that code outside shells takes by constructor instead.</summary>
    public static IEnumerable<string> BannedSymbols(string code) => BannedSymbol().Matches(WithoutComments(code)).Select(match => match.Value);

    private static string WithoutComments(string code) => Comment().Replace(code, "");

    [GeneratedRegex(@"(?<![\w.$}/~<-])/(?:home|root|work|Users)/[\w.-]+|\b[A-Z]:\\Users\\\w+")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"https?://(?:[\w-]+\.)*(?:nuget\.org|npmjs\.(?:org|com)|pypi\.org|crates\.io|yarnpkg\.com)[\w./-]*|https?://[\w.-]*(?:artifactory|nexus|proxy|mirror|registry)[\w.:/-]*|""resolved"":\s*""[^""]*/[^""]*|https?://(?:localhost|\d{1,3}(?:\.\d{1,3}){3})[:/][\w./-]*(?:simple|v3/index\.json)")]
    private static partial Regex RegistryHost();

    [GeneratedRegex(@"\bDateTime(?:Offset)?\.(?:UtcNow|Now|Today)\b|\bStopwatch\b|\bTask\.Delay\b|\bThread\.Sleep\b|\bGuid\.NewGuid\b|\bnew Random\b|\bRandom\.Shared\b|\bEnvironment\.TickCount(?:64)?\b|\bRandomNumberGenerator\b|\bTimeProvider\.System\b")]
    private static partial Regex BannedSymbol();

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();
}
