using System.CommandLine;

namespace Culvert.Cli.Commands.Attest;

/// <summary><c>culvert attest</c>: evidence of hardware, verified and explained.</summary>
internal static class AttestCommand
{
    internal static Command Make() => new("attest", "Verify or explain evidence of confidential hardware, offline")
    {
        VerifyEvidenceCommand.Make(),
        ExplainEvidenceCommand.Make(),
    };
}
