using System.Text.Json;
using Culvert.Cli.Tests.Broker;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Attested;

/// <summary>A job in C#: a program with an image of its own, whose plan only it can compile.</summary>
public sealed class AttestedProgramTests : AttestedWorkFolder
{
    /// <summary>The example's folder, beside which these tests were built.</summary>
    private static string ImageFolder
    {
        get
        {
            string own = AppContext.BaseDirectory.TrimEnd('/');
            string configuration = Path.GetFileName(Path.GetDirectoryName(own)!);
            return Path.Combine(Repository, "examples", "DelayedFlights", "bin", configuration, Path.GetFileName(own));
        }
    }

    [Fact]
    public async Task A_job_program_drafts_its_manifest_and_runs_by_it()
    {
        Seal();
        ProgramResult drafted = DelayedFlights("in.sealed", "--key", "owner.key", "--protection", "enclave", "-o", "out.sealed", "--manifest-draft", "draft.json");
        Assert.True(drafted.ExitCode == 0, drafted.Error);
        Assert.Contains("'culvert manifest init draft.json --key owner.key' makes the manifest", drafted.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(At("out.sealed")));
        Succeeds("manifest", "init", "draft.json", "--key", "owner.key", "--simulation", "-o", "manifest.json");
        using RunningBroker broker = await RunningBroker.StartAsync(Folder);

        ProgramResult run = DelayedFlights(["in.sealed", "--protection", "enclave", "-o", "out.sealed", "--prove", "out.proof", .. At(broker)]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(Honest(), Open("out.sealed"));
        Assert.Equal(3, Run("verify", "out.proof", "--owner", "owner.pub", "--result", "out.sealed", "--key", "owner.key").ExitCode);

        // The image is the program's and not Culvert's, as 'culvert measure' says of its folder.
        using JsonDocument measured = JsonDocument.Parse(Succeeds("measure", ImageFolder, "--json").Out);
        string measurement = measured.RootElement.GetProperty("values").GetProperty("measurement").GetString()!;
        Assert.Contains(measurement, Read("manifest.json"), StringComparison.Ordinal);
        Succeeds("manifest", "init", Flights, "--key", "owner.key", "-o", "culverts.json");
        Assert.DoesNotContain(measurement, Read("culverts.json"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_draft_serves_for_the_next_version_too_and_says_what_is_wrong_with_its_use()
    {
        Seal();
        string[] draft = ["in.sealed", "--key", "owner.key", "-o", "out.sealed", "--manifest-draft"];
        Assert.Equal((1, true), Said(DelayedFlights([.. draft, "open.json"]), "--protection enclave lets stages run there"));
        Assert.Equal(0, DelayedFlights([.. draft, "draft.json", "--protection", "enclave"]).ExitCode);
        Assert.Equal((1, true), Said(DelayedFlights([.. draft, "draft.json", "--protection", "enclave"]), "it is there already"));
        Assert.Equal((2, true), Said(DelayedFlights("in.sealed", "--manifest-draft", "d.json"), "--manifest-draft needs the owner's key"));
        Succeeds("manifest", "init", "draft.json", "--key", "owner.key", "-o", "manifest.json");

        Assert.Equal(0, DelayedFlights("in.sealed", "--key", "owner.key", "--protection", "enclave", "--manifest-draft", "shown.json").ExitCode);
        Update("--job", "shown.json", "--simulation");

        Assert.Equal(Manifest("shown.json").GetProperty("plan").GetString(), Manifest().GetProperty("plan").GetString());
        Assert.NotEqual(Manifest("draft.json").GetProperty("plan").GetString(), Manifest().GetProperty("plan").GetString());
        ProgramResult run = DelayedFlights("in.sealed", "--key", "owner.key", "--protection", "enclave", "--format", "csv", "--manifest", "manifest.json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(Honest(), Rows(run.Out));
        Assert.Contains("has its plan", Fails(2, "manifest", "init", "draft.json", "--key", "owner.key", "-o", "m.json", "--protection", "sealed"), StringComparison.Ordinal);
        Assert.Contains("'culvert manifest update manifest.json' makes its next version", Fails(2, "manifest", "init", "manifest.json", "--key", "owner.key", "-o", "m.json"), StringComparison.Ordinal);
    }

    private void Seal() => Succeeds("seal", Sample, "--key", "owner.key", "--job", Flights, "-o", "in.sealed");

    private ProgramResult DelayedFlights(params string[] arguments) => Program(Path.Combine(ImageFolder, "DelayedFlights"), arguments);

    private static (int ExitCode, bool Contains) Said(ProgramResult result, string text)
    {
        Assert.Contains(text, result.Error, StringComparison.Ordinal);
        return (result.ExitCode, true);
    }
}
