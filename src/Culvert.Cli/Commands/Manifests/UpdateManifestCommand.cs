using System.Collections.Immutable;
using System.CommandLine;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Output;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Cli.Commands.Manifests;

/// <summary><c>culvert manifest update</c>: the next version, signed, with a key epoch of its own; the one before is kept.</summary>
internal sealed class UpdateManifestCommand
{
    private readonly Argument<string> _file = ManifestSymbols.File();
    private readonly SignerOptions _signer = new();
    private readonly ManifestJob _plan = new();
    private readonly Option<string?> _job = new("--job") { Description = "The job as it is now (YAML, or a job program's draft): its plan takes the place of the one before, and code reads the state that is there", HelpName = "JOB" };
    private readonly Option<string[]> _measurement = ManifestSymbols.Measurement();
    private readonly Option<bool> _measure = new("--measure") { Description = "Accept this very program, as enclaves in a simulation measure it" };
    private readonly Option<string[]> _remove = ManifestSymbols.Repeated("--remove-measurement", "Code that is no longer accepted: a measured value, or its first digits; can be repeated", "HEX");
    private readonly Option<string[]> _revokeMeasurement = ManifestSymbols.Repeated("--revoke-measurement", "Code that is never to get a key again, in any stage; can be repeated", "HEX");
    private readonly Option<string[]> _revokeChip = ManifestSymbols.Repeated("--revoke-chip", "A machine that is to get no key: AMD's chip id, Intel's PPID, a TPM key's SHA-256; can be repeated", "HEX");
    private readonly Option<bool> _revokeJob = new("--revoke-job") { Description = "Release nothing of the job any more" };
    private readonly Option<Func<DateTimeOffset, DateTimeOffset>?> _notAfter = ManifestSymbols.NotAfter();
    private readonly Option<bool> _simulation = new("--simulation") { Description = "Allow simulation: keys are released to enclaves that no hardware protects" };
    private readonly Option<bool> _noSimulation = new("--no-simulation") { Description = "Allow it no longer" };
    private readonly Option<string[]> _platform = ManifestSymbols.Platform();
    private readonly Option<string[]> _advisory = ManifestSymbols.Repeated("--tolerate-advisory", "An Intel advisory that you have judged and tolerate, such as INTEL-SA-00615; can be repeated", "ID");
    private readonly Option<string[]> _tcb = ManifestSymbols.Repeated("--accept-tcb", "An Intel TCB status that is accepted beside UpToDate, when all its advisories are tolerated; can be repeated", "STATUS");
    private readonly Option<int?> _activations = ManifestSymbols.Count("--activations", "How many enclaves may be given each stage's keys under the new version; 0: any number");
    private readonly Option<int?> _epoch = ManifestSymbols.Count("--epoch", "The key epoch of the new version; default: the next");
    private readonly Option<string[]> _signers = ManifestSymbols.Repeated("--signer", "One of those who sign versions from then on, such as ann=ann.pub; can be repeated", "NAME=PEM");
    private readonly Option<int?> _threshold = ManifestSymbols.Count("--threshold", "How many of them have to; 0: the owner signs again", ManifestLimits.SignersMax);

    internal static Command Make()
    {
        UpdateManifestCommand made = new();
        Command command = new("update", "Make and sign the next version of a manifest; it opens a key epoch, and the version before is kept") { made._file };
        foreach (Option option in (IEnumerable<Option>)[
            .. made._signer.Options, made._job, .. made._plan.Options, made._measurement, made._measure, made._remove, made._revokeMeasurement, made._revokeChip, made._revokeJob,
            made._notAfter, made._simulation, made._noSimulation, made._platform, made._advisory, made._tcb, made._activations, made._epoch, made._signers, made._threshold])
        {
            command.Add(option);
        }

        command.SetAction(made.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        string path = parsed.GetValue(_file)!;
        using Secret? owner = _signer.OpenOwner(parsed);
        using ECDsa key = _signer.Open(parsed, owner);
        ManifestChanges changes = Changes(parsed, owner);

        // Who signs may be no owner; then the owner is whom version 1 names, and the version in force has to follow from that.
        byte[] ownerKey = owner is not null ? key.ExportSubjectPublicKeyInfo() : [.. ManifestStore.ReadAll(path)[0].Manifest.OwnerKey];
        SignedManifest current = ManifestStore.Load(path, ownerKey).Current;
        SignedManifest next = ManifestStore.Checked(changes.Apply(current));
        if (ManifestStore.Proposed(path) is { } proposed)
        {
            Terminal.Error.WriteLine($"culvert: a version {proposed.Manifest.Version} was proposed already; this one takes its place, and its signatures are gone");
        }

        return SignManifestCommand.SignNext(path, current, next, key);
    }

    private ManifestChanges Changes(ParseResult parsed, Secret? owner)
    {
        if (parsed.GetValue(_simulation) && parsed.GetValue(_noSimulation))
        {
            throw CommandFailedException.Usage("--simulation and --no-simulation contradict each other");
        }

        DateTimeOffset now = DateTimeOffset.UtcNow;
        ManifestPlan? plan = ReadPlan(parsed, owner);
        return new ManifestChanges
        {
            Now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)),
            NotAfter = parsed.GetValue(_notAfter)?.Invoke(now),
            AllowSimulation = parsed.GetValue(_simulation) ? true : parsed.GetValue(_noSimulation) ? false : null,
            Plan = plan?.Keys,
            Inputs = plan?.Inputs,
            Added = [.. Measured(parsed, plan), .. parsed.GetValue(_measure) ? [ManifestImages.OfThisProgram()] : Array.Empty<AcceptedMeasurement>()],
            Removed = [.. parsed.GetValue(_remove)!],
            RevokedMeasurements = [.. parsed.GetValue(_revokeMeasurement)!],
            RevokedChips = [.. parsed.GetValue(_revokeChip)!],
            RevokesJob = parsed.GetValue(_revokeJob),
            Platforms = [.. parsed.GetValue(_platform)!],
            ToleratedAdvisories = [.. parsed.GetValue(_advisory)!],
            AcceptedTcbStatuses = [.. parsed.GetValue(_tcb)!],
            ActivationsMax = parsed.GetValue(_activations),
            Epoch = parsed.GetValue(_epoch),
            Update = Rule(parsed),
        };
    }

    /// <summary>Code that files name; with none named, the program that wrote a draft: its plan runs nowhere else.</summary>
    private ImmutableArray<AcceptedMeasurement> Measured(ParseResult parsed, ManifestPlan? plan)
    {
        ImmutableArray<AcceptedMeasurement> named = ManifestImages.Read(parsed.GetValue(_measurement)!);
        return named.IsEmpty && plan is { Draft: not null } ? plan.Measured : named;
    }

    private ManifestPlan? ReadPlan(ParseResult parsed, Secret? owner) => parsed.GetValue(_job) switch
    {
        { } job => _plan.Read(parsed, job, owner),
        null when _plan.IsAsked(parsed) => throw CommandFailedException.Usage("--input, --malformed, --protection and --result are about a plan, and a plan comes of a job: --job job.yaml"),
        null => null,
    };

    private UpdateRule? Rule(ParseResult parsed)
    {
        string[] named = parsed.GetValue(_signers)!;
        int? threshold = parsed.GetValue(_threshold);
        if (named.Length == 0)
        {
            return threshold is null ? null
                : threshold == 0 ? UpdateRule.ByOwner
                : throw CommandFailedException.Usage("--threshold is of signers: name them with --signer NAME=PEM");
        }

        ImmutableArray<ManifestSigner> signers = [.. named.Select(SignerOf)];
        return threshold is { } needed && needed >= 1 && needed <= signers.Length
            ? new UpdateRule(needed, signers)
            : throw CommandFailedException.Usage($"say how many of the {signers.Length} signers have to sign: --threshold, from 1 to {signers.Length}");
    }

    private static ManifestSigner SignerOf(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? new ManifestSigner(text[..equals], SigningKeyFile.ReadPublic(text[(equals + 1)..]))
            : throw CommandFailedException.Usage($"--signer is NAME=PEM, such as ann=ann.pub, and not '{text}'");
    }
}
