using System.Collections.Immutable;
using System.Globalization;

namespace Culvert.Attestation;

/// <summary>
/// Intel's comparison of a platform with its TCB info (PCS API, "TCB info", steps of evaluation; DCAP quote verification
/// library, status convergence). Pure functions over verified data.
/// </summary>
internal static class TcbEvaluation
{
    /// <summary>The first level whose every component is at most the platform's; null when there is none.</summary>
    internal static TcbLevel? MatchPlatform(TcbInfo info, PckExtension pck, ReadOnlySpan<byte> teeTcbSvn)
    {
        foreach (TcbLevel level in info.Levels)
        {
            if (Covers(pck.ComponentSvns.AsSpan(), level.SgxComponents.AsSpan(), from: 0)
                && pck.PceSvn >= level.PceSvn
                && (level.TdxComponents.IsEmpty || CoversTdx(teeTcbSvn, level.TdxComponents.AsSpan())))
            {
                return level;
            }
        }

        return null;
    }

    /// <summary>The first level that a security version reaches; null when there is none.</summary>
    internal static IsvLevel? MatchIsv(ImmutableArray<IsvLevel> levels, int isvSvn) =>
        levels.FirstOrDefault(level => isvSvn >= level.IsvSvn);

    /// <summary>The module identity that a trust domain's TCB names: by its version when that is not 0.</summary>
    internal static TdxModuleIdentity? FindModule(TcbInfo info, ReadOnlySpan<byte> teeTcbSvn)
    {
        if (teeTcbSvn[1] == 0)
        {
            return info.Module;
        }

        string id = string.Create(CultureInfo.InvariantCulture, $"TDX_{teeTcbSvn[1]:X2}");
        return info.Modules.FirstOrDefault(module => module.Id.Equals(id, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The status of a platform together with that of its module or quoting enclave: the worse wins, configuration is remembered.</summary>
    internal static TcbStatus Converge(TcbStatus platform, TcbStatus part)
    {
        if (part == TcbStatus.UpToDate || platform is TcbStatus.Revoked or TcbStatus.NotSupported)
        {
            return platform;
        }

        return part switch
        {
            TcbStatus.OutOfDate => NeedsConfiguration(platform) ? TcbStatus.OutOfDateConfigurationNeeded : TcbStatus.OutOfDate,
            TcbStatus.Revoked or TcbStatus.NotSupported => part,

            // Intel gives parts no other status; should one come, it is taken as the worst that is not revoked.
            _ => TcbStatus.OutOfDateConfigurationNeeded,
        };
    }

    /// <summary>
    /// A trust domain that runs on an old module although the platform has a newer one by now: starting it anew is enough.
    /// </summary>
    internal static TcbStatus AdviseRelaunch(TcbStatus atLaunch, TcbStatus now) => (atLaunch, now) switch
    {
        (TcbStatus.OutOfDate, TcbStatus.UpToDate or TcbStatus.SWHardeningNeeded) => TcbStatus.TDRelaunchAdvised,
        (TcbStatus.OutOfDate or TcbStatus.OutOfDateConfigurationNeeded, TcbStatus.ConfigurationNeeded or TcbStatus.ConfigurationAndSWHardeningNeeded) =>
            TcbStatus.TDRelaunchAdvisedConfigurationNeeded,
        _ => atLaunch,
    };

    /// <summary>AR4SI's hardware claim for a status.</summary>
    internal static sbyte HardwareClaim(TcbStatus status) => status switch
    {
        TcbStatus.UpToDate => 2,
        TcbStatus.Revoked => 96,
        TcbStatus.NotSupported => 97,
        _ => 32,
    };

    private static bool NeedsConfiguration(TcbStatus status) => status is
        TcbStatus.ConfigurationNeeded or TcbStatus.ConfigurationAndSWHardeningNeeded
        or TcbStatus.OutOfDateConfigurationNeeded or TcbStatus.TDRelaunchAdvisedConfigurationNeeded;

    /// <summary>With a module version other than 0 the module is judged by its own levels, so its two components are left out here.</summary>
    private static bool CoversTdx(ReadOnlySpan<byte> teeTcbSvn, ReadOnlySpan<byte> level) =>
        Covers(teeTcbSvn, level, from: teeTcbSvn[1] == 0 ? 0 : 2);

    private static bool Covers(ReadOnlySpan<byte> found, ReadOnlySpan<byte> level, int from)
    {
        for (int i = from; i < level.Length; i++)
        {
            if (found[i] < level[i])
            {
                return false;
            }
        }

        return true;
    }
}
