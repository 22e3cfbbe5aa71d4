using System.Collections.Immutable;
using System.CommandLine;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Output;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Cli.Commands.Manifests;

/// <summary><c>culvert manifest init</c>: a manifest from a job's plan and the measurements of the code that is to run it.</summary>
internal sealed class InitManifestCommand
{
    private const int DaysOtherwise = 365;

    private readonly Argument<string> _job = new("JOB") { Description = "The job file (YAML), or the draft of a job program (its --manifest-draft)" };
    private readonly ManifestJob _plan = new();
    private readonly Option<string?> _key = OwnerKeyOptions.Key();
    private readonly Option<string?> _passphrase = OwnerKeyOptions.PassphraseFile();
    private readonly Option<string?> _owner = new("--owner") { Description = "Without --key: the owner's public key (culvert keys public); the manifest stays unsigned", HelpName = "PEM" };
    private readonly Option<string?> _broker = new("--broker-key") { Description = "Without --key: the broker's public key (culvert keys public --broker)", HelpName = "PEM" };
    private readonly Option<string> _output = new("--output", "-o") { Description = "The manifest to make; never one that is there", HelpName = "FILE", DefaultValueFactory = _ => "manifest.json" };
    private readonly Option<string[]> _measurement = ManifestSymbols.Measurement();
    private readonly Option<string[]> _platform = ManifestSymbols.Platform();
    private readonly Option<bool> _simulation = new("--simulation") { Description = "Allow simulation: keys are released to enclaves that no hardware protects" };
    private readonly Option<Func<DateTimeOffset, DateTimeOffset>?> _notAfter = ManifestSymbols.NotAfter();
    private readonly Option<int?> _activations = ManifestSymbols.Count("--activations", "How many enclaves may be given each stage's keys; default: 0, any number");
    private readonly Option<int?> _epoch = ManifestSymbols.Count("--epoch", "The first key epoch; default: 0");

    internal static Command Make()
    {
        InitManifestCommand made = new();
        Command command = new("init", "Make a manifest of a job's plan and of measurements; without any, of this program's own in a simulation")
        {
            made._job, made._output, made._key, made._passphrase, made._owner, made._broker,
            made._measurement, made._platform, made._simulation, made._notAfter, made._activations, made._epoch,
        };
        foreach (Option option in made._plan.Options)
        {
            command.Add(option);
        }

        command.SetAction(made.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string path = parsed.GetValue(_output)!;
        RefuseIfThere(path);
        using Secret? owner = OwnerKeyChoice.Of(parsed, _key, _passphrase)?.Open();
        using ECDsa? signer = owner is null ? null : SigningKeys.OfOwner(owner);
        ManifestPlan plan = _plan.Read(parsed, parsed.GetValue(_job)!, owner);
        Manifest manifest = Draft(parsed, plan, PublicKeys(parsed, owner));
        SignedManifest signed = ManifestStore.Checked(manifest);
        if (signer is not null)
        {
            signed = ManifestSigning.Add(signed, signer);
        }

        ManifestFile.Write(path, signed);
        Terminal.Out.WriteLine($"digest: {Convert.ToHexStringLower(signed.Digest.AsSpan())}");
        Terminal.Error.WriteLine(
            $"{path} is made: {manifest.Stages.Length} {(manifest.Stages.Length == 1 ? "stage" : "stages")} of {manifest.Job}, plan {manifest.Plan.Short}, {(signer is null ? "unsigned" : "signed")}. 'culvert manifest show {path}' shows it.");
        if (signer is null)
        {
            Terminal.Error.WriteLine($"culvert: nobody signed it, so no broker releases keys by it: culvert manifest sign {path} --key owner.key");
        }

        WarnOfSimulation(manifest, path);
        return ExitCode.Success;
    }

    /// <summary>Says loudly what a manifest is worth that names simulated enclaves.</summary>
    internal static void WarnOfSimulation(Manifest manifest, string path)
    {
        bool accepts = manifest.Stages.Any(stage => stage.Accepted.Any(set => set.Kind == EvidenceKind.Simulation));
        bool acceptsOnly = manifest.Stages.All(stage => stage.Accepted.All(set => set.Kind == EvidenceKind.Simulation));
        if (accepts && !manifest.AllowSimulation)
        {
            Terminal.Error.WriteLine(
                $"culvert: NO KEY WILL BE RELEASED to simulated enclaves: {path} says \"allowSimulation\": false"
                + (acceptsOnly ? ", and it names no code in hardware" : "")
                + $". To try it without hardware, say so: culvert manifest update {path} --simulation --key owner.key (the file is signed, so editing it does not do), or make it by manifest init --simulation");
        }
        else if (manifest.AllowSimulation)
        {
            Terminal.Error.WriteLine(
                $"culvert: {path} ALLOWS SIMULATION: keys go to enclaves that nothing protects from their machine's administrator. Not for data that matters");
        }
    }

    private Manifest Draft(ParseResult parsed, ManifestPlan plan, (ImmutableArray<byte> Owner, ImmutableArray<byte> Broker) keys)
    {
        ImmutableArray<AcceptedMeasurement> accepted = ManifestImages.Read(parsed.GetValue(_measurement)!);
        accepted = accepted.IsEmpty ? plan.Measured : accepted;
        byte[] lineage = new byte[Manifest.LineageBytes];
        MachineEntropy.Instance.Fill(lineage);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return ManifestDraft.Of(plan.Keys, new ManifestSettings
        {
            Lineage = [.. lineage],
            OwnerKey = keys.Owner,
            BrokerKey = keys.Broker,
            NotBefore = now,
            NotAfter = parsed.GetValue(_notAfter)?.Invoke(now) ?? now + TimeSpan.FromDays(DaysOtherwise),
            Accepted = accepted,
            Platforms = ManifestImages.Platforms(plan.Platforms, parsed.GetValue(_platform)!, accepted),
            Epoch = new KeyEpoch(parsed.GetValue(_epoch) ?? 0),
            AllowSimulation = parsed.GetValue(_simulation),
            Inputs = plan.Inputs,
            ActivationsMax = parsed.GetValue(_activations) ?? 0,
        });
    }

    private (ImmutableArray<byte> Owner, ImmutableArray<byte> Broker) PublicKeys(ParseResult parsed, Secret? owner)
    {
        (string? ownerPath, string? brokerPath) = (parsed.GetValue(_owner), parsed.GetValue(_broker));
        if (owner is not null)
        {
            if (ownerPath is not null || brokerPath is not null)
            {
                throw CommandFailedException.Usage("--owner and --broker-key are for when the owner's key is elsewhere; with --key they follow from it");
            }

            using ECDsa signing = SigningKeys.OfOwner(owner);
            using ECDsa broker = SigningKeys.OfBroker(owner);
            return ([.. signing.ExportSubjectPublicKeyInfo()], [.. broker.ExportSubjectPublicKeyInfo()]);
        }

        return ownerPath is not null && brokerPath is not null
            ? (SigningKeyFile.ReadPublic(ownerPath), SigningKeyFile.ReadPublic(brokerPath))
            : throw CommandFailedException.Usage("a manifest has an owner: --key owner.key ('culvert keys new owner.key' makes one), or --owner owner.pub and --broker-key broker.pub where the key is elsewhere");
    }

    private static void RefuseIfThere(string path)
    {
        if (Path.Exists(path) || Path.Exists(path + ManifestFile.HistorySuffix))
        {
            throw CommandFailedException.Usage($"{path} is there already, or versions of it are: 'culvert manifest update {path}' makes its next version; for another manifest choose another name");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
        {
            throw CommandFailedException.Usage($"cannot write {path}: there is no folder {Path.GetDirectoryName(path)}");
        }
    }
}
