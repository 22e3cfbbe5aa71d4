using System.Collections.Immutable;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>What an owner's secret gives one stage in one run (docs/keys.md): the one place where bundles come from.</summary>
public static class KeyDerivation
{
    /// <summary>
    /// The bundle of a stage. State keys are those of all epochs up to <paramref name="epoch"/>. The files' streams are used as
    /// far as the stage may read or write them; who asks has checked that the job may.
    /// </summary>
    /// <param name="owner">The owner's secret.</param>
    /// <param name="lineage">From where state keys follow: a manifest's lineage, or a plan's digest where there is none.</param>
    /// <param name="stage">What the stage may have.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="run">The run.</param>
    /// <param name="inputs">The digest of the inputs' headers.</param>
    /// <param name="epoch">The key epoch.</param>
    /// <param name="files">Sealed inputs of the run.</param>
    /// <param name="output">The sealed result, or null.</param>
    public static KeyBundle Of(
        Secret owner,
        ReadOnlySpan<byte> lineage,
        ManifestStage stage,
        PlanDigest plan,
        RunId run,
        ReadOnlySpan<byte> inputs,
        KeyEpoch epoch,
        IEnumerable<StreamId> files,
        StreamId? output)
    {
        using Secret runKey = KeySchedule.RunKey(owner, run, plan, inputs);
        ImmutableSortedDictionary<KeyEpoch, Secret>.Builder states = ImmutableSortedDictionary.CreateBuilder<KeyEpoch, Secret>();
        for (int e = 0; stage.HoldsState && e <= epoch.Value; e++)
        {
            states.Add(new KeyEpoch(e), KeySchedule.StateKey(owner, lineage, stage.Id, new KeyEpoch(e)));
        }

        return new KeyBundle
        {
            Stage = stage.Id,
            Run = run,
            Plan = plan,
            Epoch = epoch,
            Edges = stage.Edges.Select(edge => edge.Id).Append(stage.Reports)
                .ToImmutableSortedDictionary(edge => edge, edge => KeySchedule.EdgeKey(runKey, edge, epoch)),
            Dispatch = stage.Edges.Where(edge => edge.DispatchesByKey)
                .ToImmutableSortedDictionary(edge => edge.Id, edge => KeySchedule.DispatchKey(runKey, edge.Id)),
            State = states.ToImmutable(),
            Inputs = (stage.ReadsInputs ? files : []).Distinct().ToImmutableDictionary(file => file, file => KeySchedule.FileKey(owner, file)),
            Output = stage.WritesResult && output is { } stream ? KeySchedule.FileKey(owner, stream) : null,
            ProofSalt = KeySchedule.ProofSalt(runKey),
        };
    }
}
