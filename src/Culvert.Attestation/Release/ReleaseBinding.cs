using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>
/// All that a release of keys is about (docs/specs/key-release.md). One labelled hash of it is the evidence's report data and
/// HPKE's <c>info</c>, so that evidence and bundles of another release fit nowhere else. Immutable.
/// </summary>
public sealed record ReleaseBinding
{
    /// <summary>Bytes of nonce and digests.</summary>
    public const int DigestBytes = 32;

    /// <summary>Most stages in one release.</summary>
    public const int StagesMax = 4096;

    /// <summary>The broker's, used once; 32 bytes.</summary>
    public required ImmutableArray<byte> Nonce { get; init; }

    /// <summary>SHA-256 of the broker's signing key (SubjectPublicKeyInfo).</summary>
    public required ImmutableArray<byte> Broker { get; init; }

    /// <summary>SHA-256 of the owner's signing key (SubjectPublicKeyInfo).</summary>
    public required ImmutableArray<byte> Owner { get; init; }

    /// <summary>The manifest's digest.</summary>
    public required ImmutableArray<byte> Manifest { get; init; }

    /// <summary>The plan.</summary>
    public required PlanDigest Plan { get; init; }

    /// <summary><see cref="JobDigest"/> of the job's name: hosts carry it, and are not told names.</summary>
    public required ImmutableArray<byte> Job { get; init; }

    /// <summary>The run.</summary>
    public required RunId Run { get; init; }

    /// <summary>Names the run's sealed inputs: a digest of their headers.</summary>
    public required ImmutableArray<byte> Inputs { get; init; }

    /// <summary>The key epoch.</summary>
    public required KeyEpoch Epoch { get; init; }

    /// <summary>The stages whose keys are asked for, by number.</summary>
    public required ImmutableArray<StageId> Stages { get; init; }

    /// <summary>The enclave's fresh HPKE key: a point on P-256, uncompressed.</summary>
    public required ImmutableArray<byte> ReleaseKey { get; init; }

    /// <summary>The enclave's fresh signing key: SubjectPublicKeyInfo, P-256.</summary>
    public required ImmutableArray<byte> SigningKey { get; init; }

    /// <summary>What a job is called where its name is not to be known: a labelled SHA-256.</summary>
    public static ImmutableArray<byte> JobDigest(string job) => [.. SHA256.HashData([.. "culvert v1 job\0"u8, .. System.Text.Encoding.UTF8.GetBytes(job)])];

    /// <summary>
    /// The stream of a run's sealed result. It follows from what evidence binds, so that whoever starts a run cannot have its
    /// result sealed as another file of the owner, nor as another run's.
    /// </summary>
    public StreamId ResultStream() => ResultStreamOf(Plan, Run, Inputs.AsSpan());

    /// <summary>The stream of the sealed result of a run: the first 16 bytes of a labelled hash of plan, run and inputs.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="run">The run.</param>
    /// <param name="inputs">The digest of its sealed inputs, or none.</param>
    public static StreamId ResultStreamOf(PlanDigest plan, RunId run, ReadOnlySpan<byte> inputs)
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Write("culvert v1 result stream\0"u8);
        writer.Write(plan.ToBytes());
        writer.UInt128(run.Value);
        writer.Part(inputs);
        return new StreamId(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(writer.WrittenSpan)));
    }

    /// <summary>The labelled hash: what evidence binds, 32 bytes.</summary>
    public byte[] ReportData()
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Write("culvert v1 report data\0"u8);
        writer.Part(Nonce.AsSpan());
        writer.Part(Broker.AsSpan());
        writer.Part(Owner.AsSpan());
        writer.Part(Manifest.AsSpan());
        writer.Write(Plan.ToBytes());
        writer.Part(Job.AsSpan());
        writer.UInt128(Run.Value);
        writer.Part(Inputs.AsSpan());
        writer.Int32(Epoch.Value);
        writer.Int32(Stages.Length);
        foreach (StageId stage in Stages)
        {
            writer.Int32(stage.Value);
        }

        writer.Part(ReleaseKey.AsSpan());
        writer.Part(SigningKey.AsSpan());
        return SHA256.HashData(writer.WrittenSpan);
    }

    /// <summary>HPKE's <c>info</c> of a stage's bundle: the report data under another label, and the stage.</summary>
    public byte[] BundleInfo(StageId stage)
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Write("culvert v1 key bundle\0"u8);
        writer.Write(ReportData());
        writer.Int32(stage.Value);
        return writer.WrittenSpan.ToArray();
    }
}
