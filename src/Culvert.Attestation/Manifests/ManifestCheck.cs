namespace Culvert.Attestation;

/// <summary>What a manifest, or the chain of its versions, can fail in. A closed set (docs/specs/manifest.md, Checks).</summary>
public enum ManifestCheck
{
    /// <summary>There is none, or a version is not there.</summary>
    Missing = 1,

    /// <summary>It breaks a rule of its format.</summary>
    Format,

    /// <summary>It is another owner's.</summary>
    Owner,

    /// <summary>A later version is known.</summary>
    Older,

    /// <summary>It does not follow from the version before.</summary>
    Chain,

    /// <summary>Nobody signed it.</summary>
    Unsigned,

    /// <summary>A signature does not hold.</summary>
    Signature,

    /// <summary>Others signed it than those who may.</summary>
    UpdateRule,

    /// <summary>Its time has not come.</summary>
    NotYet,

    /// <summary>Its time is over.</summary>
    Expired,
}

/// <summary>The checks' names in messages and records.</summary>
public static class ManifestCheckName
{
    private static readonly string[] s_names =
        ["", "missing", "format", "owner", "older", "chain", "unsigned", "signature", "update-rule", "not-yet", "expired"];

    /// <summary>The name, such as <c>manifest.update-rule</c>.</summary>
    public static string Of(ManifestCheck check) => $"manifest.{s_names[(int)check]}";
}

/// <summary>A manifest is not to be used.</summary>
/// <param name="Check">What it fails in.</param>
/// <param name="Message">In words, for the person who has to mend it.</param>
public sealed record ManifestRefusal(ManifestCheck Check, string Message)
{
    /// <summary>The check's name, such as <c>manifest.expired</c>.</summary>
    public string Name => ManifestCheckName.Of(Check);

    /// <summary>The refusal as a failure, whose message begins with the check's name.</summary>
    public Failure ToFailure() => new(
        Check switch
        {
            ManifestCheck.Missing or ManifestCheck.Unsigned => FailureKind.Missing,
            ManifestCheck.Format => FailureKind.Malformed,
            ManifestCheck.Signature => FailureKind.Integrity,
            _ => FailureKind.Mismatch,
        },
        ToString());

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Message}";
}
