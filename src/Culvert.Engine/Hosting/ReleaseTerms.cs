using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Under which terms a run's keys are released: a manifest's, as its broker says, or none.</summary>
/// <param name="Lineage">The lineage and key epoch.</param>
/// <param name="Manifest">The manifest's digest; empty without one.</param>
internal sealed record ReleaseTerms(KeyLineage Lineage, System.Collections.Immutable.ImmutableArray<byte> Manifest)
{
    /// <summary>
    /// Asks the broker once before anything is started, so that a plan that it does not know fails at once. What it refuses
    /// throws <see cref="JobFailedException"/>.
    /// </summary>
    internal static ReleaseTerms Ask(Plan plan, IKeyBroker? broker)
    {
        if (broker is null)
        {
            return new ReleaseTerms(KeyLineage.Of(plan.Digest), []);
        }

        ReleaseChallenge challenge = Challenge(plan, broker);
        return new ReleaseTerms(new KeyLineage(challenge.Lineage, challenge.Epoch), challenge.Manifest);
    }

    /// <summary>A challenge for one enclave. What the broker refuses throws <see cref="JobFailedException"/>.</summary>
    internal static ReleaseChallenge Challenge(Plan plan, IKeyBroker broker)
    {
        Outcome<ReleaseChallenge> challenge = broker.ChallengeAsync(new ReleaseAsk { Job = plan.JobName, Plan = plan.Digest }, CancellationToken.None)
            .AsTask().GetAwaiter().GetResult();
        return challenge.Succeeded ? challenge.Value : throw Refused(challenge.Failure);
    }

    /// <summary>What a run says that gets no keys: that the broker refuses, or that nobody could ask it.</summary>
    internal static JobFailedException Refused(Failure failure) =>
        new(failure.Kind == FailureKind.Io ? $"no key is released: {failure.Message}" : $"the key broker refuses: {failure.Message}");
}
