using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>What a release is refused for: a closed list (docs/specs/key-release.md, "Checks").</summary>
public enum ReleaseCheck
{
    /// <summary>The message is not one, or one of its values cannot be.</summary>
    RequestMalformed = 0,

    /// <summary>No job of this name is known.</summary>
    JobUnknown,

    /// <summary>The nonce was never given out, or so long ago that it is forgotten.</summary>
    NonceUnknown,

    /// <summary>The nonce has expired.</summary>
    NonceOld,

    /// <summary>The nonce was used before.</summary>
    NonceUsed,

    /// <summary>The binding is not that of its challenge.</summary>
    BindingChallenge,

    /// <summary>The digest of inputs is not that of the headers that came.</summary>
    BindingInputs,

    /// <summary>The evidence binds something else: another nonce, key, run, stage.</summary>
    BindingReportData,

    /// <summary>The owner has not signed the manifest, or its rule of updates does not allow it.</summary>
    ManifestUnsigned,

    /// <summary>The manifest has been replaced by a newer version.</summary>
    ManifestOlder,

    /// <summary>The manifest's last day is over.</summary>
    ManifestExpired,

    /// <summary>The manifest's first day has not come.</summary>
    ManifestNotYet,

    /// <summary>The manifest names another plan.</summary>
    PlanUnknown,

    /// <summary>The manifest has no such stage.</summary>
    StageUnknown,

    /// <summary>A stage that reads none, or a file that the manifest does not name or that is none of the owner's.</summary>
    InputsNotAllowed,

    /// <summary>No stage that was asked for writes a result, or the stream is not that of the run's.</summary>
    OutputNotAllowed,

    /// <summary>The manifest does not accept evidence of this kind.</summary>
    KindNotAllowed,

    /// <summary>Evidence without hardware, which the manifest does not allow.</summary>
    SimulationNotAllowed,

    /// <summary>The evidence is not genuine, or cannot be verified.</summary>
    Evidence,

    /// <summary>The platform's firmware is older than the manifest allows.</summary>
    Tcb,

    /// <summary>The measured code is none that the manifest accepts for each stage.</summary>
    Measurement,

    /// <summary>The measured code was taken back.</summary>
    MeasurementRevoked,

    /// <summary>The chip is none that the manifest lists.</summary>
    ChipNotAllowed,

    /// <summary>The chip was taken back.</summary>
    ChipRevoked,

    /// <summary>The job was taken back.</summary>
    JobRevoked,

    /// <summary>As many enclaves as the manifest allows have been given the stage's keys.</summary>
    Activations,

    /// <summary>Too many requests.</summary>
    Rate,

    /// <summary>The broker only says what it would decide.</summary>
    DryRun,

    /// <summary>The broker's store failed, so that nothing may leave it.</summary>
    Store,
}

/// <summary>The checks' names, in messages and records.</summary>
public static class ReleaseCheckName
{
    private static readonly ImmutableArray<(string Name, FailureKind Kind)> s_names =
    [
        ("request.malformed", FailureKind.Malformed),
        ("job.unknown", FailureKind.Missing),
        ("nonce.unknown", FailureKind.Mismatch),
        ("nonce.old", FailureKind.Mismatch),
        ("nonce.used", FailureKind.Integrity),
        ("binding.challenge", FailureKind.Mismatch),
        ("binding.inputs", FailureKind.Mismatch),
        ("binding.report-data", FailureKind.Integrity),
        ("manifest.unsigned", FailureKind.Integrity),
        ("manifest.older", FailureKind.Mismatch),
        ("manifest.expired", FailureKind.Mismatch),
        ("manifest.not-yet", FailureKind.Mismatch),
        ("plan.unknown", FailureKind.Mismatch),
        ("stage.unknown", FailureKind.Mismatch),
        ("inputs.not-allowed", FailureKind.Mismatch),
        ("output.not-allowed", FailureKind.Mismatch),
        ("kind.not-allowed", FailureKind.Mismatch),
        ("simulation.not-allowed", FailureKind.Mismatch),
        ("evidence", FailureKind.Integrity),
        ("tcb", FailureKind.Mismatch),
        ("measurement", FailureKind.Mismatch),
        ("measurement.revoked", FailureKind.Mismatch),
        ("chip.not-allowed", FailureKind.Mismatch),
        ("chip.revoked", FailureKind.Mismatch),
        ("job.revoked", FailureKind.Mismatch),
        ("activations", FailureKind.TooLarge),
        ("rate", FailureKind.TooLarge),
        ("dry-run", FailureKind.Mismatch),
        ("store", FailureKind.Io),
    ];

    /// <summary>The check's name, such as <c>nonce.used</c>.</summary>
    public static string Of(ReleaseCheck check) => s_names[(int)check].Name;

    /// <summary>The check of a name; null when there is none.</summary>
    public static ReleaseCheck? Parse(string name)
    {
        for (int i = 0; i < s_names.Length; i++)
        {
            if (s_names[i].Name == name)
            {
                return (ReleaseCheck)i;
            }
        }

        return null;
    }

    internal static FailureKind KindOf(ReleaseCheck check) => s_names[(int)check].Kind;
}

/// <summary>Why no key is released. Words are for people: they name what was found, and never what is secret.</summary>
/// <param name="Check">The check that did not hold.</param>
/// <param name="Words">What was found.</param>
public sealed record ReleaseRefusal(ReleaseCheck Check, string Words)
{
    /// <summary>As a failure, whose message begins with the check's name.</summary>
    public Failure ToFailure() => new(ReleaseCheckName.KindOf(Check), $"{ReleaseCheckName.Of(Check)}: {Words}");
}
