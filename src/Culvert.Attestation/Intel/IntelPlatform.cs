using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>Judges a quote's platform by Intel's collateral: revocation, then signed TCB info and QE identity, then levels.</summary>
internal static class IntelPlatform
{
    private const string TcbSigningSubject = "Intel SGX TCB Signing";

    /// <summary>False when collateral could not be believed, so that the platform was not judged.</summary>
    internal static bool Appraise(IntelQuote quote, PckChain pck, IntelCollateral collateral, Certificate root, Assessment assessment)
    {
        if (VerifyRevocations(pck, collateral, root, assessment) is not { } rootRevocations)
        {
            return false;
        }

        if (!VerifySigned(collateral.TcbInfo, collateral.TcbInfoSignature, collateral.TcbInfoIssuers, rootRevocations, root, "intel.tcb-info", "TCB info", assessment)
            || !VerifySigned(collateral.QeIdentity, collateral.QeIdentitySignature, collateral.QeIdentityIssuers, rootRevocations, root, "intel.qe-identity", "QE identity", assessment))
        {
            return false;
        }

        Outcome<TcbInfo> info = collateral.Info;
        Outcome<QeIdentity> identity = collateral.Identity;
        if (!info.Succeeded)
        {
            assessment.Find("intel.tcb-info.format", info.Failure);
            return false;
        }

        if (!identity.Succeeded)
        {
            assessment.Find("intel.qe-identity.format", identity.Failure);
            return false;
        }

        if (!Fits(quote, pck.Platform, info.Value, identity.Value, assessment))
        {
            return false;
        }

        Dated(info.Value.IssueDate, info.Value.NextUpdate, "intel.tcb-info", "TCB info", assessment);
        Dated(identity.Value.IssueDate, identity.Value.NextUpdate, "intel.qe-identity", "QE identity", assessment);
        AppraiseLevels(quote, pck.Platform, info.Value, identity.Value, assessment);
        return true;
    }

    /// <summary>Checks both lists; gives the root's, which the signers of TCB info and QE identity are looked up in too.</summary>
    private static RevocationList? VerifyRevocations(PckChain pck, IntelCollateral collateral, Certificate root, Assessment assessment)
    {
        Outcome<RevocationList> rootList = collateral.RootRevocations;
        Outcome<RevocationList> pckList = collateral.PckRevocations;

        // Without a chain of its own the list has to be of the quote's authority anyway.
        Outcome<IReadOnlyList<Certificate>> issuers = collateral.PckCrlIssuers ?? new List<Certificate> { pck.Authority };
        if ((rootList.Failure ?? pckList.Failure ?? issuers.Failure) is { } failure)
        {
            assessment.Find("intel.crl.format", failure);
            return null;
        }

        if (CertificateChain.Verify(rootList.Value, root, [pck.Authority], assessment.At, assessment.Memory, "root CRL") is { } fault)
        {
            assessment.Find("intel.root-crl", fault);
            return null;
        }

        Certificate issuer = issuers.Value[0];
        if (CertificateChain.Verify(issuers.Value, root, assessment.At, assessment.Memory, "PCK CRL issuer chain") is { } chainFault)
        {
            assessment.Find("intel.pck-crl.chain", chainFault);
            return null;
        }

        if (!issuer.Key.Is(pck.Authority.Key) || rootList.Value.Revokes(issuer))
        {
            assessment.Find("intel.pck-crl.issuer", AttestationStatus.None, $"PCK CRL: it is of {issuer.SubjectName}; the PCK certificate is of {pck.Authority.SubjectName}");
            return null;
        }

        if (CertificateChain.Verify(pckList.Value, pck.Authority, [pck.Leaf], assessment.At, assessment.Memory, "PCK CRL") is { } pckFault)
        {
            assessment.Find("intel.pck-crl", pckFault);
            return null;
        }

        return rootList.Value;
    }

    private static bool VerifySigned(
        byte[] text, byte[] signature, Outcome<IReadOnlyList<Certificate>> chain, RevocationList rootRevocations, Certificate root, string check, string what, Assessment assessment)
    {
        if (!chain.Succeeded)
        {
            assessment.Find($"{check}.chain", chain.Failure);
            return false;
        }

        Certificate signer = chain.Value[0];
        if (chain.Value.Count != 2 || signer.SubjectName != TcbSigningSubject || signer.IsAuthority || !signer.MaySign)
        {
            assessment.Forged($"{check}.signer", $"{what}: its chain is not Intel's TCB signing certificate and root");
            return false;
        }

        if (CertificateChain.Verify(chain.Value, root, assessment.At, assessment.Memory, $"{what} issuer chain") is { } fault)
        {
            assessment.Find($"{check}.chain", fault);
            return false;
        }

        if (rootRevocations.Revokes(signer))
        {
            assessment.Forged($"{check}.signer-revoked", $"{what}: its signer {signer.SubjectName} is revoked");
            return false;
        }

        if (!assessment.Memory.VerifiesFixedSha256(signer.Key, text, signature))
        {
            assessment.Forged($"{check}.signature", $"{what}: its signature does not hold");
            return false;
        }

        return true;
    }

    private static bool Fits(IntelQuote quote, PckExtension platform, TcbInfo info, QeIdentity identity, Assessment assessment)
    {
        bool tdx = quote.Domain is not null;
        string expectedInfo = tdx ? "TDX" : "SGX";
        string expectedIdentity = tdx ? "TD_QE" : "QE";
        if (info.Id != expectedInfo || info.Fmspc != platform.Fmspc || info.PceId != platform.PceId)
        {
            assessment.Find("intel.tcb-info.mismatch", AttestationStatus.None, $"TCB info of {info.Id}, FMSPC {info.Fmspc}, PCE {info.PceId}; the quote needs {expectedInfo}, {platform.Fmspc}, {platform.PceId}");
            return false;
        }

        if (identity.Id != expectedIdentity)
        {
            assessment.Find("intel.qe-identity.mismatch", AttestationStatus.None, $"QE identity of {identity.Id}; the quote needs {expectedIdentity}");
            return false;
        }

        if (identity.Mismatch(quote.QeReport) is { } field)
        {
            assessment.Forged("intel.qe-identity.report", $"the quoting enclave is not Intel's: its {field} differs from the QE identity");
            return false;
        }

        return true;
    }

    private static void Dated(DateTimeOffset issued, DateTimeOffset next, string check, string what, Assessment assessment)
    {
        if (assessment.At < issued || assessment.At > next)
        {
            assessment.Find($"{check}.expired", AttestationStatus.None, $"{what}: valid from {issued:u} to {next:u}, not at {assessment.At.UtcDateTime:u}; fetch the current one");
        }
    }

    private static void AppraiseLevels(IntelQuote quote, PckExtension platform, TcbInfo info, QeIdentity identity, Assessment assessment)
    {
        SortedSet<string> advisories = new(StringComparer.Ordinal);
        var parts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        (TcbStatus status, DateTimeOffset? date) = quote.Domain is { } domain
            ? TdxPlatform.Appraise(domain, platform, info, parts, advisories, assessment)
            : AppraiseSgx(platform, info, parts, advisories);

        IsvLevel? qe = TcbEvaluation.MatchIsv(identity.Levels, quote.QeReport.IsvSvn);
        TcbStatus qeStatus = qe?.Status ?? TcbStatus.NotSupported;
        parts["qe"] = qeStatus.ToString();
        advisories.UnionWith(qe?.AdvisoryIds ?? []);
        status = TcbEvaluation.Converge(status, qeStatus);

        int number = Math.Min(info.EvaluationDataNumber, identity.EvaluationDataNumber);
        assessment.Tcb = new TcbAssessment(status.ToString(), [.. advisories]) { Parts = parts.ToImmutable(), EvaluationDataNumber = number, Date = date };
        if (number < assessment.Policy.MinimumTcbEvaluationDataNumber)
        {
            assessment.Find("policy.tcb-evaluation-data-number", AttestationStatus.Contraindicated, $"tcbEvaluationDataNumber {number}; the policy asks for {assessment.Policy.MinimumTcbEvaluationDataNumber} or more");
        }

        Judge(status, advisories, assessment);
    }

    private static (TcbStatus Status, DateTimeOffset? Date) AppraiseSgx(
        PckExtension platform, TcbInfo info, ImmutableSortedDictionary<string, string>.Builder parts, SortedSet<string> advisories)
    {
        TcbLevel? level = TcbEvaluation.MatchPlatform(info, platform, []);
        TcbStatus status = level?.Status ?? TcbStatus.NotSupported;
        parts["platform"] = status.ToString();
        advisories.UnionWith(level?.AdvisoryIds ?? []);
        return (status, level?.Date);
    }

    private static void Judge(TcbStatus status, SortedSet<string> advisories, Assessment assessment)
    {
        VerificationPolicy policy = assessment.Policy;
        assessment.Vector = assessment.Vector with { Hardware = TcbEvaluation.HardwareClaim(status) };
        if (status == TcbStatus.UpToDate)
        {
            return;
        }

        if (status is TcbStatus.Revoked or TcbStatus.NotSupported)
        {
            assessment.Find("intel.tcb.status", AttestationStatus.Contraindicated, status == TcbStatus.Revoked
                ? "the platform's TCB is revoked"
                : "no TCB level matches the platform: it is older than all that Intel lists");
            return;
        }

        List<string> untolerated = [.. advisories.Where(id => !policy.ToleratedAdvisories.Contains(id, StringComparer.Ordinal))];
        if (!policy.AcceptedTcbStatuses.Contains(status.ToString(), StringComparer.Ordinal))
        {
            assessment.Find("intel.tcb.status", AttestationStatus.Warning, $"the platform's TCB is {status}{(advisories.Count > 0 ? $": {string.Join(", ", advisories)}" : "")}");
        }
        else if (untolerated.Count > 0)
        {
            assessment.Find("policy.advisories", AttestationStatus.Warning, $"the platform's TCB is {status}; the policy does not tolerate {string.Join(", ", untolerated)}");
        }
    }
}
