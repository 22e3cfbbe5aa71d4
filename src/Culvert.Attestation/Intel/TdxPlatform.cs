using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>The parts of a platform's judgement that only TDX has: the module's identity and level, and updates under a running domain.</summary>
internal static class TdxPlatform
{
    internal static (TcbStatus Status, DateTimeOffset? Date) Appraise(
        TdReport domain,
        PckExtension platform,
        TcbInfo info,
        ImmutableSortedDictionary<string, string>.Builder parts,
        SortedSet<string> advisories,
        Assessment assessment)
    {
        if (TcbEvaluation.FindModule(info, domain.TeeTcbSvn) is not { } module
            || !domain.MrSignerSeam.SequenceEqual(module.MrSigner)
            || !QeIdentity.MaskedEquals(domain.SeamAttributes, module.Attributes, module.AttributesMask, reversed: false))
        {
            assessment.Find("intel.tdx.module", AttestationStatus.Contraindicated, "the TDX module is none that Intel vouches for: MRSIGNERSEAM, SEAMATTRIBUTES or its version is not in the TCB info");
            parts["tdxModule"] = TcbStatus.NotSupported.ToString();
            return (TcbStatus.NotSupported, null);
        }

        (TcbStatus status, TcbLevel? level, IsvLevel? moduleLevel) = Evaluate(domain.TeeTcbSvn, platform, info);
        parts["platform"] = (level?.Status ?? TcbStatus.NotSupported).ToString();
        if (domain.TeeTcbSvn[1] != 0)
        {
            parts["tdxModule"] = (moduleLevel?.Status ?? TcbStatus.NotSupported).ToString();
        }

        advisories.UnionWith(level?.AdvisoryIds ?? []);
        advisories.UnionWith(moduleLevel?.AdvisoryIds ?? []);

        // A module that was replaced under the running domain: the domain still bears what it was started with.
        if (domain.Is15 && !domain.TeeTcbSvn2.SequenceEqual(domain.TeeTcbSvn))
        {
            (TcbStatus now, _, _) = Evaluate(domain.TeeTcbSvn2, platform, info);
            parts["platformNow"] = now.ToString();
            status = TcbEvaluation.AdviseRelaunch(status, now);
            status = now is TcbStatus.Revoked or TcbStatus.NotSupported ? now : status;
        }

        return (status, level?.Date);
    }

    private static (TcbStatus Status, TcbLevel? Platform, IsvLevel? Module) Evaluate(ReadOnlySpan<byte> teeTcbSvn, PckExtension platform, TcbInfo info)
    {
        TcbLevel? level = TcbEvaluation.MatchPlatform(info, platform, teeTcbSvn);
        TcbStatus status = level?.Status ?? TcbStatus.NotSupported;
        if (teeTcbSvn[1] == 0)
        {
            return (status, level, null);
        }

        IsvLevel? module = TcbEvaluation.FindModule(info, teeTcbSvn) is { } identity
            ? TcbEvaluation.MatchIsv(identity.Levels, teeTcbSvn[0])
            : null;
        return (TcbEvaluation.Converge(status, module?.Status ?? TcbStatus.NotSupported), level, module);
    }
}
