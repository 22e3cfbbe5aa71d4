using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>A manifest made from a plan, so that nobody writes by hand which stage may hold which key: each enclave stage is allowed what it needs, and no more.</summary>
public static class ManifestDraft
{
    /// <summary>Version 1 of a manifest, unsigned. Throws <see cref="JobFailedException"/> for a plan without enclave stages.</summary>
    public static Manifest Of(Plan plan, ManifestSettings settings) => Of(PlanKeys.Of(plan), settings);

    /// <summary>The same of a plan that was compiled elsewhere.</summary>
    public static Manifest Of(PlanKeys plan, ManifestSettings settings) => new()
    {
        Lineage = settings.Lineage,
        Version = 1,
        Job = plan.Job,
        Plan = plan.Plan,
        Epoch = settings.Epoch,
        NotBefore = WholeSeconds(settings.NotBefore),
        NotAfter = WholeSeconds(settings.NotAfter),
        OwnerKey = settings.OwnerKey,
        BrokerKey = settings.BrokerKey,
        AllowSimulation = settings.AllowSimulation,
        Stages = plan.Accepting(settings.Accepted, settings.ActivationsMax),
        Platforms = settings.Platforms,
        Inputs = settings.Inputs,
    };

    /// <summary>The stages of a plan that run in enclaves, with the keys that each needs. Throws <see cref="JobFailedException"/> when there are none.</summary>
    public static ImmutableArray<ManifestStage> StagesOf(Plan plan, ImmutableArray<AcceptedMeasurement> accepted, int activationsMax = 0) =>
        StagesOf(PlanKeys.Of(plan), accepted, activationsMax);

    /// <summary>The same of a plan that was compiled elsewhere.</summary>
    public static ImmutableArray<ManifestStage> StagesOf(PlanKeys plan, ImmutableArray<AcceptedMeasurement> accepted, int activationsMax) =>
        plan.Accepting(accepted, activationsMax);

    /// <summary>
    /// The streams of the sealed files that a plan's sources name now, in order, each once; patterns are expanded, and only headers
    /// are read. Throws <see cref="SourceFailedException"/> for files that are not there or are not sealed files.
    /// </summary>
    public static ImmutableArray<StreamId> InputsOf(Plan plan) =>
    [
        .. plan.Stages.Select(stage => stage.Source?.Source).OfType<SealedFileSourceSpec>()
            .SelectMany(source => InputPaths.Expand(source.Settings.Inputs))
            .Select(StreamOf)
            .Distinct(),
    ];

    private static StreamId StreamOf(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            Outcome<SealedFileHeader> header = SealedFileIndex.ReadHeader(path, file);
            return header.Succeeded ? header.Value.Stream : throw new SourceFailedException(header.Failure.Message);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SourceFailedException($"{path} cannot be read: {failure.Message}", failure);
        }
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
