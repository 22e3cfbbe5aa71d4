using Culvert.Attestation;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Output;

namespace Culvert.Cli.Commands.Proofs;

/// <summary>Checks a proof and tells what is proven and what is not.</summary>
internal sealed class ProofChecking(ProofRequest request)
{
    /// <summary>Checks; the exit code says whether everything asked holds.</summary>
    internal int Run()
    {
        ReadOnlyMemory<byte> owner = SigningKeyFile.ReadPublic(request.Owner).AsMemory();
        TimestampTokens? timestamps = request.TimestampCa is { } ca ? TimestampTokens.Trusting(ca) : null;
        Proof proof = ProofFiles.ReadProof(request.Proof);
        ResultClaim? result = request.Result is { } path
            ? new ResultReading(path, request.Format, request.Key, request.Quiet).Read(proof)
            : request.Key is null ? null : throw CommandFailedException.Usage("--key opens a sealed result: give it with --result FILE");
        ProofVerdict verdict = ProofVerifier.Verify(proof, new ProofQuestion { OwnerKey = owner, Result = result, Timestamps = timestamps });
        if (request.Json)
        {
            ProofReport.WriteJson(verdict);
        }
        else
        {
            ProofReport.WriteText(request.Proof, verdict, request.AllowSimulation);
        }

        return verdict.Status switch
        {
            ProofStatus.Holds => ExitCode.Success,
            ProofStatus.HoldsAsSimulation => request.AllowSimulation ? ExitCode.Success : ExitCode.OnlySimulation,
            _ => ExitCode.Failed,
        };
    }
}
