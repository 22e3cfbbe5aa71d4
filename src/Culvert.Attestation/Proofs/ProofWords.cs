using System.Collections.Immutable;
using System.Globalization;

namespace Culvert.Attestation;

/// <summary>What checks come to, in sentences that somebody understands who has not read the specification.</summary>
internal static class ProofWords
{
    internal static ProofVerdict Conclude(
        Proof proof, ProofFindings findings, EnclaveAppraisal enclaves, StatementAppraisal statements, ResultAppraisal result)
    {
        ProofStatus status = findings.AnyFails ? ProofStatus.Fails
            : enclaves.IsSimulation ? ProofStatus.HoldsAsSimulation
            : ProofStatus.Holds;
        return new ProofVerdict
        {
            Status = status,
            IsSimulation = enclaves.IsSimulation,
            Checks = findings.Checks,
            Proven = status == ProofStatus.Fails ? [] : [.. Proven(proof, enclaves, statements, result)],
            NotProven = [.. NotProven(proof, status, enclaves, statements, result)],
        };
    }

    internal static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Proven(Proof proof, EnclaveAppraisal enclaves, StatementAppraisal statements, ResultAppraisal result)
    {
        string rows = $"{statements.Rows!.Rows.ToString("N0", CultureInfo.InvariantCulture)} rows";
        string where = enclaves.IsSimulation ? "in simulated enclaves" : $"in attested enclaves ({enclaves.KindsInWords()})";
        string code = $"code that version {proof.Manifests[^1].Manifest.Version} of the owner's manifest accepts";
        yield return result is { IsTheResult: true, IsUnopened: true }
            ? $"{result.Name} has the end of the sealed result: its {rows}, and no others, were given by {code}, running {where}."
            : result.IsTheResult
            ? $"{result.Name} is the result: its {rows}, and no others, were given by {code}, running {where}."
            : $"A result of {rows} was given by {code}, running {where}.";
        yield return $"It is of the job {proof.Job}, plan {proof.Plan}, run {proof.Run}, and complete: all input was worked off.";
        foreach (ProofInput input in proof.Inputs)
        {
            yield return input.Digest is { } digest
                ? $"It was made of the sealed file {input.Stream}, with exactly the content whose end digest is {digest}."
                : $"The run was bound to the sealed file {input.Stream}.";
        }

        if (result.Time is { } time)
        {
            yield return $"Its time: {time.Words}.";
        }
    }

    private static IEnumerable<string> NotProven(
        Proof proof, ProofStatus status, EnclaveAppraisal enclaves, StatementAppraisal statements, ResultAppraisal result)
    {
        if (enclaves.IsSimulation)
        {
            yield return "Anything about hardware: a simulation is an ordinary process, and whoever ran the machine could read and change all of it.";
        }

        if (status == ProofStatus.Fails)
        {
            yield return "Anything else: a check does not hold, so nothing is proven.";
            yield break;
        }

        if (result.Name is null)
        {
            yield return "That any file at hand is the result: give it with --result.";
        }

        if (proof.Salt.IsEmpty)
        {
            yield return "Which rows the result has: this proof has no salt, which was removed, or the proof was made without the owner's key.";
        }

        if (result is { IsTheResult: true, IsUnopened: true })
        {
            yield return $"That the row groups in {result.Name} are those that were sealed: only the owner's key authenticates them (--key, or culvert open).";
        }

        foreach (string open in InTheOpen(proof, statements))
        {
            yield return open;
        }

        foreach (ProofInput input in proof.Inputs.Where(i => i.Digest is null))
        {
            yield return $"Which content of the sealed file {input.Stream} was read: no enclave states its end.";
        }

        yield return Date(enclaves, result);
        yield return "That the inputs are true, and that nobody left out rows before they were sealed.";
        yield return "What the plan computes: compare its digest with that of a job that you have (culvert plan).";
        yield return "Anything against the owner: whoever has the owner's secret could have fed the enclaves other rows.";
    }

    private static IEnumerable<string> InTheOpen(Proof proof, StatementAppraisal statements)
    {
        ResultStatement first = statements.First!;
        if (!first.OpenBefore.IsEmpty)
        {
            yield return $"What came into the enclaves: it was read in the open by {Names(first.OpenBefore)}, and whoever ran that may have changed, added or left out rows.";
        }
        else if (proof.Inputs.IsEmpty)
        {
            yield return "What the input was: no sealed input is named.";
        }

        if (!first.OpenBehind.IsEmpty)
        {
            yield return $"What became of the rows behind the enclaves: {Names(first.OpenBehind)} worked on them in the open.";
        }
    }

    private static string Date(EnclaveAppraisal enclaves, ResultAppraisal result)
    {
        string claimed = enclaves.Attested is { } span ? $" The broker says that the enclaves were attested on {Text(span.First)}." : "";
        return result.Time is { } time
            ? $"That it is older than {Text(time.At)}, or that the hardware was sound by then: the stamp shows only that the proof was there."
            : $"The date.{claimed} Without a time stamp, keys of a chip that was broken later could have signed it afterwards{(result.HasUnjudgedTokens ? "; there is one: give its authority's certificate with --timestamp-ca" : "")}.";
    }

    private static string Names(ImmutableArray<string> stages) => (stages.Length == 1 ? "the stage " : "the stages ") + string.Join(", ", stages.Select(s => $"'{s}'"));
}
