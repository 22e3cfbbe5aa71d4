using System.CommandLine;

namespace Culvert.Cli.Commands.Attest;

/// <summary><c>culvert attest</c>: evidence of hardware, collected, verified and explained.</summary>
internal static class AttestCommand
{
    internal static Command Make() => new("attest", "Collect, verify and explain evidence of confidential hardware, offline")
    {
        CollectEvidenceCommand.Make(),
        VerifyEvidenceCommand.Make(),
        ExplainEvidenceCommand.Make(),
    };
}
