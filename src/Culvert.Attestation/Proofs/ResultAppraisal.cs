using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>The auditor's file and the proof's time stamps, compared with what enclaves stated.</summary>
internal sealed class ResultAppraisal(Proof proof, ProofQuestion question, StatementAppraisal statements)
{
    /// <summary>The file was asked about, and is the result.</summary>
    internal bool IsTheResult { get; private set; }

    /// <summary>The file was compared by its end only.</summary>
    internal bool IsUnopened => question.Result is { IsUnopened: true };

    /// <summary>The file's name; null when nobody asked about one.</summary>
    internal string? Name => question.Result?.Name;

    /// <summary>The earliest time that a stamp shows; null for none.</summary>
    internal (DateTimeOffset At, string Words)? Time { get; private set; }

    /// <summary>Tokens that nobody could judge.</summary>
    internal bool HasUnjudgedTokens => question.Timestamps is null && !proof.TimestampTokens.IsEmpty;

    internal void Tell(ProofFindings findings)
    {
        if (question.Result is { } claim)
        {
            string? wrong = WrongWith(claim);
            IsTheResult = wrong is null;
            findings.Add("proof.rows", wrong, claim.IsUnopened
                ? $"{claim.Name} ends as the file does that the enclaves sealed; it was not opened, so its row groups are not authenticated (--key does)"
                : $"{claim.Name} has the {statements.Rows?.Rows} rows that the enclaves gave{(claim.Sealed is null ? "" : ", and is the file that they sealed")}");
        }
        else
        {
            findings.NotChecked("proof.rows", "no result was given to compare with");
        }

        TellTime(findings);
    }

    private string? WrongWith(ResultClaim claim)
    {
        if (claim.Failure is { } failure)
        {
            return failure.Message;
        }

        if (statements.Rows is not { } rows)
        {
            return "there is nothing to compare with: the statements do not hold";
        }

        if (claim.Sealed is { } end && proof.Sealed is { } stated && end != stated)
        {
            return $"{claim.Name} is another sealed file: its end digest is {end}, and the enclaves sealed {stated}";
        }

        if (claim.IsUnopened && proof.Sealed is null)
        {
            return $"{claim.Name} is sealed, and the enclaves sealed no file: its rows have to be compared, for which --key opens it";
        }

        if (claim.Rows is null)
        {
            return claim.Sealed is not null && proof.Sealed is not null
                ? null
                : "the proof has no salt (it was removed, or the proof was made without the owner's key), so rows cannot be compared: ask the owner for the proof with its salt, or compare the sealed result";
        }

        if (claim.Rows.Rows != rows.Rows)
        {
            return $"{claim.Name} has {claim.Rows.Rows} rows, and the enclaves gave {rows.Rows}";
        }

        return claim.Rows.Equals(rows) ? null : $"{claim.Name} has {rows.Rows} rows as the enclaves gave, but not the same: a value was changed, or a row exchanged for another";
    }

    private void TellTime(ProofFindings findings)
    {
        byte[] digest = proof.Digest();
        ImmutableArray<(DateTimeOffset At, string Words)>.Builder times = ImmutableArray.CreateBuilder<(DateTimeOffset, string)>();
        string? wrong = null;
        foreach (OwnerTimestamp stamp in proof.OwnerTimestamps)
        {
            if (stamp.Holds(digest, question.OwnerKey))
            {
                times.Add((stamp.At, $"the owner signed that this proof was there on {ProofWords.Text(stamp.At)}"));
            }
            else
            {
                wrong ??= "a countersignature is not the owner's, or of another proof";
            }
        }

        if (question.Timestamps is { } verifier)
        {
            foreach (ImmutableArray<byte> token in proof.TimestampTokens)
            {
                Outcome<TimestampWord> word = verifier.Verify(token.AsMemory(), digest);
                if (word.Succeeded)
                {
                    times.Add((word.Value.At, $"the time-stamping authority '{word.Value.Authority}' saw this proof on {ProofWords.Text(word.Value.At)}"));
                }
                else
                {
                    wrong ??= $"a time stamp does not hold: {word.Failure.Message}";
                }
            }

            wrong ??= proof.TimestampTokens.IsEmpty ? "a time-stamping authority was given, and the proof has no token" : null;
        }

        Time = times.Count == 0 ? null : times.MinBy(t => t.At);
        if (wrong is not null || Time is not null)
        {
            findings.Add("proof.time", wrong, Time?.Words ?? "");
        }
        else
        {
            findings.NotChecked("proof.time", HasUnjudgedTokens ? "there is a time stamp, and no authority was given to judge it by" : "there is no time stamp");
        }
    }
}
