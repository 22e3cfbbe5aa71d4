using System.Collections.Immutable;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>The keys of a stage in a run, from the owner's secret (docs/keys.md): what a manifest's stage may hold, and no more.</summary>
public static class KeyDerivation
{
    /// <summary>
    /// The bundle of a stage, the caller's to dispose. <paramref name="inputs"/> are the streams that the stage reads and
    /// <paramref name="output"/> is the result's; both are left out where the manifest's stage does not read or write.
    /// State keys are those of all epochs up to the manifest's.
    /// </summary>
    public static KeyBundle Of(
        Secret owner, Manifest manifest, ManifestStage stage, ReleaseBinding binding, IEnumerable<StreamId> inputs, StreamId? output)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(binding.Epoch, manifest.Epoch, nameof(binding));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(manifest.Epoch.Value, ReleaseLimits.EpochsMax, nameof(manifest));
        using Secret run = KeySchedule.RunKey(owner, binding.Run, manifest.Plan, binding.Inputs.AsSpan());
        ImmutableSortedDictionary<EdgeId, Secret>.Builder edges = ImmutableSortedDictionary.CreateBuilder<EdgeId, Secret>();
        ImmutableSortedDictionary<EdgeId, Secret>.Builder dispatch = ImmutableSortedDictionary.CreateBuilder<EdgeId, Secret>();
        foreach (StageEdge edge in stage.Edges)
        {
            edges.Add(edge.Id, KeySchedule.EdgeKey(run, edge.Id, binding.Epoch));
            if (edge.DispatchesByKey)
            {
                dispatch.Add(edge.Id, KeySchedule.DispatchKey(run, edge.Id));
            }
        }

        edges.Add(stage.Reports, KeySchedule.EdgeKey(run, stage.Reports, binding.Epoch));
        return new KeyBundle
        {
            Stage = stage.Id,
            Run = binding.Run,
            Plan = manifest.Plan,
            Epoch = binding.Epoch,
            Edges = edges.ToImmutable(),
            Dispatch = dispatch.ToImmutable(),
            State = stage.HoldsState ? StateKeys(owner, manifest, stage.Id) : ImmutableSortedDictionary<KeyEpoch, Secret>.Empty,
            Inputs = stage.ReadsInputs
                ? inputs.Distinct().ToImmutableDictionary(stream => stream, stream => KeySchedule.FileKey(owner, stream))
                : ImmutableDictionary<StreamId, Secret>.Empty,
            Output = stage.WritesResult && output is { } result ? KeySchedule.FileKey(owner, result) : null,
            ProofSalt = KeySchedule.ProofSalt(run),
        };
    }

    private static ImmutableSortedDictionary<KeyEpoch, Secret> StateKeys(Secret owner, Manifest manifest, StageId stage) =>
        Enumerable.Range(0, manifest.Epoch.Value + 1).Select(epoch => new KeyEpoch(epoch)).ToImmutableSortedDictionary(
            epoch => epoch,
            epoch => KeySchedule.StateKey(owner, manifest.Lineage.AsSpan(), stage, epoch));
}
