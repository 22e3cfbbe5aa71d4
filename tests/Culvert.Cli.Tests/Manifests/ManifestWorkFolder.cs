using System.Text.Json;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Manifests;

/// <summary>A folder with an owner's key and a development key of its own, in which manifests are made.</summary>
public abstract class ManifestWorkFolder : WorkFolder
{
    protected ManifestWorkFolder()
    {
        Succeeds("keys", "new", "owner.key");
        Succeeds("keys", "public", "owner.key", "-o", "owner.pub");
    }

    /// <summary>The command with this folder's development key.</summary>
    private protected ProgramResult Run(params string[] arguments) =>
        CulvertProgram.Run(Folder, null, arguments, ("CULVERT_SIMULATION_KEY", At("simulation.pem")));

    private protected ProgramResult Succeeds(params string[] arguments)
    {
        ProgramResult result = Run(arguments);
        Assert.True(result.ExitCode == 0, $"culvert {string.Join(' ', arguments)}: {result.ExitCode}\n{result.Error}");
        return result;
    }

    /// <summary>What a command says on standard error that ends with an exit code.</summary>
    private protected string Fails(int exitCode, params string[] arguments)
    {
        ProgramResult result = Run(arguments);
        Assert.True(result.ExitCode == exitCode, $"culvert {string.Join(' ', arguments)}: {result.ExitCode}\n{result.Error}");
        return result.Error;
    }

    private protected ProgramResult Init(params string[] more) =>
        Succeeds(["manifest", "init", Flights, "--key", "owner.key", "-o", "manifest.json", .. more]);

    private protected ProgramResult Update(params string[] more) =>
        Succeeds(["manifest", "update", "manifest.json", "--key", "owner.key", .. more]);

    private protected JsonElement Manifest(string name = "manifest.json")
    {
        using JsonDocument document = JsonDocument.Parse(Read(name));
        return document.RootElement.Clone();
    }

    /// <summary>The state that <c>show --json</c> tells.</summary>
    private protected JsonElement Shown()
    {
        using JsonDocument document = JsonDocument.Parse(Succeeds("manifest", "show", "manifest.json", "--json").Out);
        return document.RootElement.Clone();
    }
}
