using System.Text.RegularExpressions;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Protection;

/// <summary>A folder with an owner's key in it, in which jobs run in the open, sealed and in enclaves.</summary>
public abstract partial class SealedWorkFolder : WorkFolder
{
    /// <summary>What a run that uses simulated enclaves says on standard error.</summary>
    private protected const string SimulationWarning = "enclaves run as 'simulation'";

    protected SealedWorkFolder() => Succeeds("keys", "new", "owner.key");

    /// <summary>A run's JSON without its time.</summary>
    private protected string RunJson(string job, params string[] options) =>
        WithoutSeconds(Succeeds(["run", job, "--key", "owner.key", "--format", "json", .. options]).Out);

    /// <summary>Seals files as a job's source reads them.</summary>
    private protected void Seal(string csv, string output, string job) =>
        Succeeds("seal", csv, "--key", "owner.key", "--job", job, "-o", output);

    /// <summary>What a command gave that has to succeed.</summary>
    private protected ProgramResult Succeeds(params string[] arguments)
    {
        ProgramResult result = Culvert(arguments);
        Assert.True(result.ExitCode == 0, $"culvert {string.Join(' ', arguments)}: {result.ExitCode}\n{result.Error}");
        return result;
    }

    private protected static string WithoutSeconds(string json) => Seconds().Replace(json, "\"seconds\":0");

    private protected static int Count(string part, string text) => text.Split(part).Length - 1;

    [GeneratedRegex("\"seconds\":[0-9.eE+-]+")]
    private static partial Regex Seconds();
}
