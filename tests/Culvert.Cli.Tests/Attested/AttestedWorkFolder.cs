using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Cli.Tests.Broker;
using Culvert.Cli.Tests.Manifests;
using Culvert.Cli.Tests.Running;
using Culvert.Engine;
using Culvert.Sealing;

namespace Culvert.Cli.Tests.Attested;

/// <summary>A folder with an owner, in which jobs run in enclaves that a broker in a process of its own gives their keys.</summary>
public abstract class AttestedWorkFolder : ManifestWorkFolder
{
    private protected static string Sample => Path.Combine(Repository, "examples", "delayed-flights", "sample.csv");

    /// <summary>What a run in the open gives.</summary>
    private protected string[] Honest() => Rows(Succeeds("run", Flights, "--format", "csv").Out);

    /// <summary>The lines of CSV in an order that does not depend on partitions.</summary>
    private protected static string[] Rows(string csv) => [.. csv.Split('\n').Order(StringComparer.Ordinal)];

    /// <summary>Seals the sample, and makes a manifest for simulated enclaves that read it and seal the result.</summary>
    private protected void InitSealed(params string[] more)
    {
        Succeeds("seal", Sample, "--key", "owner.key", "--job", Flights, "-o", "in.sealed");
        Init(["--simulation", "--input", "in.sealed", "--result", "out.sealed", .. more]);
    }

    /// <summary>The run of somebody who has no key.</summary>
    private protected static string[] Keyless(RunningBroker broker, string output = "out.sealed") =>
        ["run", Flights, "--input", "in.sealed", "--protection", "enclave", "-o", output, .. At(broker)];

    private protected static string[] At(RunningBroker broker) => ["--broker", broker.Address, "--broker-ca", "ca.pem"];

    /// <summary>The owner signs the manifest again, with something else in it.</summary>
    private protected void SignAgain(Func<Manifest, Manifest> change)
    {
        using Secret owner = OwnerKeys.Open(At("owner.key"), null, TextWriter.Null);
        using ECDsa signing = SigningKeys.OfOwner(owner);
        Assert.True(ManifestFile.TryRead(At("manifest.json"), out SignedManifest? signed, out _));
        ManifestFile.Write(At("manifest.json"), ManifestSigning.Sign(change(signed.Manifest), signing).Value);
    }

    /// <summary>Words without line ends.</summary>
    private protected static string Flat(string text) => string.Join(' ', text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private protected string[] Open(string file) => Rows(Succeeds("open", file, "--key", "owner.key", "--format", "csv").Out);

    /// <summary>A job program's process to its end, with this folder's development key.</summary>
    private protected ProgramResult Program(string program, params string[] arguments)
    {
        using System.Diagnostics.Process process = CulvertProgram.StartWith(Folder, program, arguments, ("CULVERT_SIMULATION_KEY", At("simulation.pem")));
        return CulvertProgram.Finish(process);
    }
}
