using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Engine.Tests.Hosting;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Manifests;

/// <summary>What a manifest allows is what workers are given, and no more.</summary>
public class ManifestDraftTests
{
    private static readonly AcceptedMeasurement s_image = new(
        EvidenceKind.Simulation, ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("measurement", new string('1', 64)), "image");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_enclave_stage_is_allowed_the_keys_that_its_worker_is_given(bool isSealedResult)
    {
        using SealedFlights flights = new(64);
        using ResultRows result = new();
        Plan plan = flights.Plan(Protection.Enclave, isSealedResult ? null : result.Sink);

        ImmutableArray<ManifestStage> stages = ManifestDraft.StagesOf(plan, [s_image]);

        Assert.Equal(plan.Stages.Where(s => RunLayout.PlaceOf(s) == StagePlace.Enclave).Select(s => (s.Id, s.Name)), stages.Select(s => (s.Id, s.Name)));
        Assert.Contains(stages, stage => stage.Edges.Any(edge => edge.DispatchesByKey));
        foreach (ManifestStage stage in stages)
        {
            using WorkerSetup worker = WorkerSetup.Derive(
                flights.Owner, new WorkerTask { Plan = plan, Run = new RunId(1), Inputs = [] }, KeyLineage.Of(plan.Digest), s => s.Id == stage.Id);
            Assert.Equal(worker.EdgeKeys.Keys.Order(), stage.Edges.Select(e => e.Id).Append(stage.Reports).Order());
            Assert.Equal(worker.DispatchKeys.Keys.Order(), stage.Edges.Where(e => e.DispatchesByKey).Select(e => e.Id).Order());
            Assert.Equal(worker.StateKeys.ContainsKey(stage.Id), stage.HoldsState);
            Assert.Equal([s_image], stage.Accepted);
        }
    }

    [Fact]
    public void A_stage_reads_inputs_where_its_source_is_sealed_or_where_it_seals_their_result()
    {
        using SealedFlights flights = new(64);
        using ResultRows result = new();

        ImmutableArray<ManifestStage> whole = ManifestDraft.StagesOf(flights.Plan(Protection.Enclave), [s_image]);
        ImmutableArray<ManifestStage> shown = ManifestDraft.StagesOf(flights.Plan(Protection.Enclave, result.Sink), [s_image]);

        Assert.Equal([true, false], new[] { whole[0].ReadsInputs, whole[0].WritesResult });
        Assert.Equal([true, true], new[] { whole[^1].ReadsInputs, whole[^1].WritesResult });
        Assert.True(shown[0].ReadsInputs);
        Assert.All(shown.Skip(1), stage => Assert.False(stage.ReadsInputs));
        Assert.All(shown, stage => Assert.False(stage.WritesResult));
    }

    [Fact]
    public void A_plan_without_enclaves_has_no_manifest()
    {
        using SealedFlights flights = new(64);
        JobFailedException failed = Assert.Throws<JobFailedException>(() => ManifestDraft.StagesOf(flights.Plan(Protection.Sealed), [s_image]));
        Assert.Contains("no stage of the job", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_draft_names_the_plan_and_is_accepted_by_a_reader()
    {
        using SealedFlights flights = new(64);
        Plan plan = flights.Plan(Protection.Enclave);
        using System.Security.Cryptography.ECDsa owner = SigningKeys.OfOwner(flights.Owner);
        using System.Security.Cryptography.ECDsa broker = SigningKeys.OfBroker(flights.Owner);
        DateTimeOffset from = new(2026, 1, 31, 1, 2, 3, 456, TimeSpan.FromHours(1));
        Manifest manifest = ManifestDraft.Of(plan, new ManifestSettings
        {
            Lineage = [.. new byte[16]],
            OwnerKey = [.. owner.ExportSubjectPublicKeyInfo()],
            BrokerKey = [.. broker.ExportSubjectPublicKeyInfo()],
            NotBefore = from,
            NotAfter = from.AddDays(1),
            Accepted = [s_image],
            Platforms = ImmutableSortedDictionary<EvidenceKind, VerificationPolicy>.Empty.Add(EvidenceKind.Simulation, VerificationPolicy.None),
            Inputs = ManifestDraft.InputsOf(plan),
            ActivationsMax = 3,
        });

        SignedManifest signed = ManifestSigning.Sign(manifest, owner).Value;

        Assert.Null(ManifestVerification.Verify(signed, owner.ExportSubjectPublicKeyInfo()));
        Assert.Equal((plan.Digest, 1, 0, false), (signed.Manifest.Plan, signed.Manifest.Version, signed.Manifest.Epoch.Value, signed.Manifest.AllowSimulation));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 0, 2, 3, TimeSpan.Zero), signed.Manifest.NotBefore);
        Assert.All(signed.Manifest.Stages, stage => Assert.Equal(3, stage.ActivationsMax));
        using FileStream file = File.OpenRead(flights.Input);
        Assert.Equal([SealedFileIndex.ReadHeader(flights.Input, file).Value.Stream], signed.Manifest.Inputs!.Value);
    }
}
