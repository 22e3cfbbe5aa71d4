using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>
/// A release as it reaches a worker (docs/specs/enclave-boundary.md): the task, sealed to the worker's fresh key by whoever
/// starts the run, and the key bundles of its stages, sealed by the owner's broker. Both are bound to one
/// <see cref="ReleaseBinding"/>, and the bundles name the plan that the task has to bring.
/// </summary>
public static class StageRelease
{
    private const byte Version = 2;
    private const int StagesMax = 1 << 12;
    private const int FilesMax = 1 << 16;
    private const int PlanBytesMax = 32 << 20;
    private const int CodeBytesMax = 8 << 20;
    private const int BundleBytesMax = 8 << 20;

    /// <summary>
    /// Writes a release. <paramref name="code"/> is for the worker's <see cref="IPlanBuilder"/>. A plan that is too long to be
    /// released throws <see cref="PlanException"/>.
    /// </summary>
    public static byte[] Seal(
        WorkerTask task,
        ReadOnlySpan<byte> code,
        ImmutableSortedDictionary<StageId, ImmutableArray<byte>> bundles,
        ReleaseBinding binding,
        HpkePublicKey worker,
        IEntropy entropy)
    {
        ArrayBufferWriter<byte> inside = new(1 << 16);
        try
        {
            Write(inside, task, code);
            if (inside.WrittenCount > MessageLimits.TaskBytesMax)
            {
                throw new PlanException(
                    $"the plan with its tables and scripts takes {inside.WrittenCount} bytes, and at most {MessageLimits.TaskBytesMax} can be released to a worker");
            }

            ArrayBufferWriter<byte> release = new();
            release.Part(Hpke.Seal(worker, InfoOf(binding), [], inside.WrittenSpan, entropy));
            release.Int32(bundles.Count);
            foreach ((StageId stage, ImmutableArray<byte> bundle) in bundles)
            {
                release.Int32(stage.Value);
                release.Part(bundle.AsSpan());
            }

            return release.WrittenSpan.ToArray();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(inside.WrittenMemory).Span);
        }
    }

    /// <summary>
    /// Opens a release with the key that it was sealed to, and checks that task and keys are about the same plan, run and
    /// inputs. <paramref name="signer"/> signs what the worker states; it becomes the setup's.
    /// </summary>
    public static Outcome<WorkerSetup> Open(HpkePrivateKey key, ReleaseBinding binding, ReadOnlySpan<byte> release, IPlanBuilder builder, ECDsa signer)
    {
        FieldReader reader = new(release);
        ReadOnlySpan<byte> sealedTask = reader.Part(release.Length);
        int count = reader.Int32();
        if (reader.IsCut || count is < 0 or > StagesMax)
        {
            return Malformed;
        }

        List<KeyBundle> bundles = [];
        try
        {
            int last = -1;
            for (int i = 0; i < count; i++)
            {
                StageId stage = new(reader.Int32());
                ReadOnlySpan<byte> bundle = reader.Part(BundleBytesMax);
                if (reader.IsCut || stage.Value <= last || !binding.Stages.Contains(stage))
                {
                    return Malformed;
                }

                last = stage.Value;
                Outcome<KeyBundle> opened = KeyBundleCodec.Open(key, binding, stage, bundle);
                if (opened.Failure is { } failure)
                {
                    return failure;
                }

                bundles.Add(opened.Value);
            }

            if (reader.Left > 0)
            {
                return Malformed;
            }

            Outcome<WorkerTask> task = OpenTask(key, binding, sealedTask, builder);
            return task.Succeeded ? WorkerSetup.Of(task.Value, binding, bundles, signer) : task.Failure;
        }
        finally
        {
            bundles.ForEach(bundle => bundle.Dispose());
        }
    }

    /// <summary>HPKE's <c>info</c> of the task: what the keys are bound to.</summary>
    private static byte[] InfoOf(ReleaseBinding binding) => [.. "culvert v1 task\0"u8, .. binding.ReportData()];

    private static Failure Malformed => new(FailureKind.Integrity, "the release is cut, too long, or of stages that were not asked for");

    private static Outcome<WorkerTask> OpenTask(HpkePrivateKey key, ReleaseBinding binding, ReadOnlySpan<byte> sealedTask, IPlanBuilder builder)
    {
        Outcome<Secret> opened = Hpke.Open(key, InfoOf(binding), [], sealedTask);
        if (opened.Failure is { } failure)
        {
            return failure;
        }

        using Secret inside = opened.Value;
        Outcome<WorkerTask> task = Read(inside.Bytes, builder);
        return !task.Succeeded ? task.Failure
            : task.Value.Plan.Digest != binding.Plan || task.Value.Run != binding.Run || !task.Value.Inputs.AsSpan().SequenceEqual(binding.Inputs.AsSpan())
                ? new Failure(FailureKind.Integrity, "the task is of another plan, run or input than the challenge")
            : task.Value.Output is { } output && output != binding.ResultStream()
                ? new Failure(FailureKind.Integrity, "the task names another stream for the result than the run's")
                : task;
    }

    private static void Write(ArrayBufferWriter<byte> writer, WorkerTask task, ReadOnlySpan<byte> code)
    {
        writer.Byte(Version);
        writer.UInt128(task.Run.Value);
        writer.Part(task.Inputs.AsSpan());
        writer.Int64(task.StateBytesMax);
        writer.Part(task.Plan.WriteCanonical());
        writer.Part(code);
        writer.Int32(task.Files.Count);
        foreach ((StageId stage, ImmutableArray<StreamId> files) in task.Files)
        {
            writer.Int32(stage.Value);
            writer.Int32(files.Length);
            foreach (StreamId file in files)
            {
                writer.UInt128(file.Value);
            }
        }

        writer.Byte(task.Output is null ? (byte)0 : (byte)1);
        writer.UInt128(task.Output?.Value ?? 0);
        writer.UInt128(task.OwnerKey.Value);
        writer.Byte(task.Proves ? (byte)1 : (byte)0);
    }

    private static Outcome<WorkerTask> Read(ReadOnlySpan<byte> inside, IPlanBuilder builder)
    {
        FieldReader reader = new(inside);
        byte version = reader.Byte();
        RunId run = new(reader.UInt128());
        ImmutableArray<byte> inputs = [.. reader.Part(ReleaseBinding.DigestBytes)];
        long stateBytesMax = reader.Int64();
        ReadOnlySpan<byte> canonical = reader.Part(PlanBytesMax);
        ReadOnlySpan<byte> code = reader.Part(CodeBytesMax);
        if (reader.IsCut || version != Version)
        {
            return new Failure(FailureKind.Malformed, $"the release is of version {version}, or is cut");
        }

        Outcome<Plan> plan = builder.Build(canonical, code);
        if (plan.Failure is { } unbuilt)
        {
            return unbuilt;
        }

        ImmutableSortedDictionary<StageId, ImmutableArray<StreamId>>.Builder files = ImmutableSortedDictionary.CreateBuilder<StageId, ImmutableArray<StreamId>>();
        int stages = Count(ref reader, StagesMax);
        for (int i = 0; i < stages && !reader.IsCut; i++)
        {
            StageId stage = new(reader.Int32());
            int count = Count(ref reader, FilesMax);
            ImmutableArray<StreamId>.Builder streams = ImmutableArray.CreateBuilder<StreamId>();
            for (int f = 0; f < count && !reader.IsCut; f++)
            {
                streams.Add(new StreamId(reader.UInt128()));
            }

            files[stage] = streams.ToImmutable();
        }

        byte writes = reader.Byte();
        StreamId output = new(reader.UInt128());
        OwnerKeyId owner = new(reader.UInt128());
        byte proves = reader.Byte();
        return reader.IsCut || reader.Left > 0 || writes > 1 || proves > 1 || stateBytesMax < 0 || files.Count != stages
            ? new Failure(FailureKind.Malformed, "the release's task is cut or too long")
            : new WorkerTask
            {
                Plan = plan.Value,
                Run = run,
                Inputs = inputs,
                StateBytesMax = stateBytesMax,
                Files = files.ToImmutable(),
                Output = writes == 1 ? output : null,
                OwnerKey = owner,
                Proves = proves == 1,
            };
    }

    /// <summary>How many follow; more than can be, and the rest counts as cut.</summary>
    private static int Count(ref FieldReader reader, int max)
    {
        int count = reader.Int32();
        if (count < 0 || count > max)
        {
            reader.Take(-1);
        }

        return count;
    }
}
