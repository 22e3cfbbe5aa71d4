using System.Collections.Immutable;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>The keys of one stage in one run and key epoch. Owns them.</summary>
public sealed class KeyBundle : IDisposable
{
    /// <summary>The stage.</summary>
    public required StageId Stage { get; init; }

    /// <summary>The run.</summary>
    public required RunId Run { get; init; }

    /// <summary>The plan; a worker refuses any other.</summary>
    public required PlanDigest Plan { get; init; }

    /// <summary>The epoch of edge keys, and of the state that is written.</summary>
    public required KeyEpoch Epoch { get; init; }

    /// <summary>Keys of edges, that of its reports among them.</summary>
    public required ImmutableSortedDictionary<EdgeId, Secret> Edges { get; init; }

    /// <summary>Keys of partition functions, of edges on which the stage dispatches by key.</summary>
    public required ImmutableSortedDictionary<EdgeId, Secret> Dispatch { get; init; }

    /// <summary>Keys of its state by epoch, up to <see cref="Epoch"/>; the last one is written with.</summary>
    public required ImmutableSortedDictionary<KeyEpoch, Secret> State { get; init; }

    /// <summary>Keys of sealed inputs by stream.</summary>
    public required ImmutableDictionary<StreamId, Secret> Inputs { get; init; }

    /// <summary>The key of the sealed result, if the stage writes it.</summary>
    public Secret? Output { get; init; }

    /// <summary>Blinds what the enclave signs of the result (docs/specs/proof.md).</summary>
    public required Secret ProofSalt { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Secret secret in Edges.Values.Concat(Dispatch.Values).Concat(State.Values).Concat(Inputs.Values))
        {
            secret.Dispose();
        }

        Output?.Dispose();
        ProofSalt.Dispose();
    }
}
