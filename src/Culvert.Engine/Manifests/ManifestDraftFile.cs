using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// A job program's draft of its manifest (docs/specs/manifest.md, Drafts): only the program can compile its plan, so it says what
/// a manifest needs of that, and <c>culvert manifest init</c> makes the manifest.
/// </summary>
public static class ManifestDraftFile
{
    private static readonly TimeSpan s_validity = TimeSpan.FromDays(365);

    /// <summary>
    /// Writes a draft of this program and a plan of its job. What cannot be throws <see cref="JobFailedException"/>; a file that
    /// is there is not replaced.
    /// </summary>
    public static void Write(string path, Plan plan, Secret owner, IClock clock, IEntropy entropy)
    {
        Manifest draft = Of(plan, owner, clock.UtcNow, entropy);
        try
        {
            using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            file.Write(ManifestDocument.Write(Value(ManifestDocument.Of(draft))));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new JobFailedException($"the draft cannot be written: {path}: {(File.Exists(path) ? "it is there already" : failure.Message)}", failure);
        }
    }

    /// <summary>Whether bytes are a manifest's document, of which a draft is one, and no job file.</summary>
    public static bool Begins(ReadOnlySpan<byte> bytes) => bytes.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] && bytes.IndexOf("\"manifest 1\""u8) >= 0;

    private static Manifest Of(Plan plan, Secret owner, DateTimeOffset now, IEntropy entropy)
    {
        AcceptedMeasurement program = Value(SimulatedProgram.Measurement(Path.GetFileNameWithoutExtension(Environment.ProcessPath) ?? plan.JobName));
        byte[] lineage = new byte[Manifest.LineageBytes];
        entropy.Fill(lineage);
        using ECDsa signing = SigningKeys.OfOwner(owner);
        using ECDsa broker = SigningKeys.OfBroker(owner);
        ImmutableArray<StreamId> inputs = ManifestDraft.InputsOf(plan);
        return ManifestDraft.Of(plan, new ManifestSettings
        {
            Lineage = [.. lineage],
            OwnerKey = [.. signing.ExportSubjectPublicKeyInfo()],
            BrokerKey = [.. broker.ExportSubjectPublicKeyInfo()],
            NotBefore = now,
            NotAfter = now + s_validity,
            Accepted = [program],
            Platforms = ImmutableSortedDictionary<EvidenceKind, VerificationPolicy>.Empty.Add(EvidenceKind.Simulation, Value(SimulatedProgram.Platform())),
            Inputs = inputs.IsEmpty ? null : inputs,
        });
    }

    private static T Value<T>(Outcome<T> outcome) =>
        outcome.Succeeded ? outcome.Value : throw new JobFailedException($"no draft can be made: {outcome.Failure.Message}");
}
