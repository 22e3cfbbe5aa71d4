using System.CommandLine;
using System.Globalization;
using Culvert.Attestation;
using Culvert.Cli.Output;

namespace Culvert.Cli.Commands.Attest;

/// <summary><c>culvert attest verify</c>: one JSON document, and success only for an affirming verdict.</summary>
internal static class VerifyEvidenceCommand
{
    private static readonly string[] s_timeFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd"];

    internal static Command Make()
    {
        Option<string> evidence = EvidenceInput.Evidence();
        Option<string?> collateral = new("--collateral") { Description = "Folder (or file) with the vendor's collateral; goes before what lies beside the evidence", HelpName = "PATH" };
        Option<string?> at = new("--at") { Description = "The time to verify for, such as 2025-06-01T00:00:00Z; default: now", HelpName = "TIME" };
        Option<string?> policy = new("--policy") { Description = "What is accepted (JSON); without it only the platform is judged", HelpName = "FILE" };
        Command command = new("verify", "Verify evidence and print the verdict as JSON; succeeds only if it is affirming") { evidence, collateral, at, policy };
        command.SetAction(parsed =>
        {
            DateTimeOffset time = Time(parsed.GetValue(at));
            VerificationPolicy accepted = ReadPolicy(parsed.GetValue(policy));
            Collateral given = EvidenceInput.ReadCollateral(parsed.GetValue(collateral));
            Outcome<Evidence> found = EvidenceInput.ReadEvidence(parsed.GetValue(evidence)!);
            if (!found.Succeeded)
            {
                DescriptorStream.StandardOutput.Write(VerdictDocument.WriteUnknown(found.Failure, time));
                return ExitCode.Failed;
            }

            AttestationVerdict verdict = Verifier.Verify(found.Value, given, time, accepted);
            DescriptorStream.StandardOutput.Write(VerdictDocument.Write(verdict));
            return verdict.Status == AttestationStatus.Affirming ? ExitCode.Success : ExitCode.Failed;
        });
        return command;
    }

    private static DateTimeOffset Time(string? text)
    {
        if (text is null)
        {
            return DateTimeOffset.UtcNow;
        }

        return DateTimeOffset.TryParseExact(text, s_timeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw CommandFailedException.Usage($"--at {text}: not a time such as 2025-06-01T00:00:00Z");
    }

    private static VerificationPolicy ReadPolicy(string? path)
    {
        if (path is null)
        {
            return VerificationPolicy.None;
        }

        Outcome<VerificationPolicy> policy = PolicyDocument.Parse(EvidenceInput.ReadFile(path));
        return policy.Succeeded ? policy.Value : throw CommandFailedException.Usage($"{path}: {policy.Failure.Message}");
    }
}
