using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Sealing;
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
    /// <param name="plan">What is to be run.</param>
    /// <param name="broker">Who releases keys; null: nobody is asked.</param>
    /// <param name="owner">The owner's secret, if it is here: keys of another owner would open nothing of what is sealed by it.</param>
    internal static ReleaseTerms Ask(Plan plan, IKeyBroker? broker, Secret? owner)
    {
        if (broker is null)
        {
            return new ReleaseTerms(KeyLineage.Of(plan.Digest), []);
        }

        ReleaseChallenge challenge = Challenge(plan, broker);
        if (owner is not null)
        {
            using ECDsa signing = SigningKeys.OfOwner(owner);
            if (!SHA256.HashData(signing.ExportSubjectPublicKeyInfo()).AsSpan().SequenceEqual(challenge.Owner.AsSpan()))
            {
                throw new JobFailedException("the broker releases the keys of another owner than --key is of: give the key that the broker was started with, or the address of this owner's broker");
            }
        }

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
