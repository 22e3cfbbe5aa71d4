using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>
/// A release: what the owner seals to a worker's fresh key (docs/specs/enclave-boundary.md). The plan in its canonical form,
/// the code that goes with it, and the keys. It is bound to the run, the plan's digest and the worker's key.
/// </summary>
public static class StageRelease
{
    private const byte Version = 1;
    private const int BindingBytesMax = 1024;
    private const int KeysMax = 1 << 16;
    private const int PlanBytesMax = 32 << 20;
    private const int CodeBytesMax = 8 << 20;
    private const int HeaderBytesMax = 1 << 20;

    private static readonly byte[] s_purpose = [.. "culvert v1 release"u8];

    /// <summary>Seals a setup to a worker. <paramref name="code"/> is for the worker's <see cref="IPlanBuilder"/>.</summary>
    public static byte[] Seal(WorkerSetup setup, ReadOnlySpan<byte> code, HpkePublicKey worker, IEntropy entropy)
    {
        ArrayBufferWriter<byte> writer = new(1 << 16);
        try
        {
            writer.Byte(Version);
            writer.UInt128(setup.Run.Value);
            writer.Part(setup.Binding);
            writer.Int64(setup.StateBytesMax);
            writer.Part(setup.Plan.WriteCanonical());
            writer.Part(code);
            WriteKeys(writer, setup.EdgeKeys, e => e.Value);
            WriteKeys(writer, setup.DispatchKeys, e => e.Value);
            WriteKeys(writer, setup.StateKeys, s => s.Value);
            writer.Int32(setup.Inputs.Count);
            foreach ((StageId stage, ImmutableArray<SealedStream> files) in setup.Inputs.OrderBy(i => i.Key))
            {
                writer.Int32(stage.Value);
                writer.Int32(files.Length);
                foreach (SealedStream file in files)
                {
                    Write(writer, file);
                }
            }

            writer.Byte(setup.Output is null ? (byte)0 : (byte)1);
            if (setup.Output is not null)
            {
                Write(writer, setup.Output);
            }

            if (writer.WrittenCount > MessageLimits.ReleaseBytesMax - Hpke.OverheadBytes - 1)
            {
                throw new PlanException(
                    $"the plan with its tables and scripts takes {writer.WrittenCount} bytes, and at most {MessageLimits.ReleaseBytesMax} can be released to a worker");
            }

            return Hpke.Seal(worker, s_purpose, [], writer.WrittenSpan, entropy);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsMemory(writer.WrittenMemory).Span);
        }
    }

    /// <summary>Opens a release with the key that it was sealed to.</summary>
    public static Outcome<WorkerSetup> Open(HpkePrivateKey key, ReadOnlySpan<byte> sealedRelease, IPlanBuilder builder)
    {
        Outcome<Secret> opened = Hpke.Open(key, s_purpose, [], sealedRelease);
        if (opened.Failure is { } failure)
        {
            return failure;
        }

        using Secret secret = opened.Value;
        FieldReader reader = new(secret.Bytes);
        byte version = reader.Byte();
        RunId run = new(reader.UInt128());
        byte[] binding = reader.Part(BindingBytesMax).ToArray();
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

        ImmutableDictionary<EdgeId, Secret> edges = ReadKeys(ref reader, e => new EdgeId(e));
        ImmutableDictionary<EdgeId, Secret> dispatch = ReadKeys(ref reader, e => new EdgeId(e));
        ImmutableDictionary<StageId, Secret> states = ReadKeys(ref reader, s => new StageId(s));
        ImmutableDictionary<StageId, ImmutableArray<SealedStream>>.Builder inputs = ImmutableDictionary.CreateBuilder<StageId, ImmutableArray<SealedStream>>();
        int stages = ReadCount(ref reader);
        int last = -1;
        for (int i = 0; i < stages && !reader.IsCut; i++)
        {
            StageId stage = new(ReadNext(ref reader, ref last));
            int count = ReadCount(ref reader);
            ImmutableArray<SealedStream>.Builder files = ImmutableArray.CreateBuilder<SealedStream>();
            for (int f = 0; f < count && !reader.IsCut; f++)
            {
                files.Add(ReadStream(ref reader));
            }

            inputs[stage] = files.ToImmutable();
        }

        byte writes = reader.Byte();
        SealedStream? output = writes == 1 ? ReadStream(ref reader) : null;
        WorkerSetup setup = new()
        {
            Plan = plan.Value,
            Run = run,
            Binding = binding,
            StateBytesMax = stateBytesMax,
            EdgeKeys = edges,
            DispatchKeys = dispatch,
            StateKeys = states,
            Inputs = inputs.ToImmutable(),
            Output = output,
        };
        if (reader.IsCut || reader.Left > 0 || writes > 1 || stateBytesMax < 0)
        {
            setup.Dispose();
            return new Failure(FailureKind.Malformed, "the release is cut or too long");
        }

        return setup;
    }

    private static void WriteKeys<T>(IBufferWriter<byte> writer, ImmutableDictionary<T, Secret> keys, Func<T, int> number)
        where T : notnull
    {
        writer.Int32(keys.Count);
        foreach ((T id, Secret key) in keys.OrderBy(k => number(k.Key)))
        {
            writer.Int32(number(id));
            writer.Part(key.Bytes);
        }
    }

    private static ImmutableDictionary<T, Secret> ReadKeys<T>(ref FieldReader reader, Func<int, T> id)
        where T : notnull
    {
        ImmutableDictionary<T, Secret>.Builder keys = ImmutableDictionary.CreateBuilder<T, Secret>();
        int count = ReadCount(ref reader);
        int last = -1;
        for (int i = 0; i < count && !reader.IsCut; i++)
        {
            T name = id(ReadNext(ref reader, ref last));
            keys[name] = ReadKey(ref reader);
        }

        return keys.ToImmutable();
    }

    /// <summary>How many follow; more than can be, and the rest counts as cut.</summary>
    private static int ReadCount(ref FieldReader reader)
    {
        int count = reader.Int32();
        if (count is < 0 or > KeysMax)
        {
            reader.Take(-1);
        }

        return count;
    }

    /// <summary>A number above the one before it: there is one order, and nothing twice.</summary>
    private static int ReadNext(ref FieldReader reader, ref int last)
    {
        int next = reader.Int32();
        if (next <= last)
        {
            reader.Take(-1);
        }

        return last = next;
    }

    private static Secret ReadKey(ref FieldReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.Part(Secret.KeyBytes);
        if (bytes.Length == Secret.KeyBytes)
        {
            return Secret.CopyOf(bytes);
        }

        reader.Take(-1);
        return Secret.CopyOf(stackalloc byte[Secret.KeyBytes]);
    }

    private static void Write(IBufferWriter<byte> writer, SealedStream stream)
    {
        writer.UInt128(stream.Id.Value);
        writer.Part(stream.Key.Bytes);
        writer.Part(stream.Header.Span);
    }

    private static SealedStream ReadStream(ref FieldReader reader)
    {
        StreamId id = new(reader.UInt128());
        Secret key = ReadKey(ref reader);
        return new SealedStream(id, key, reader.Part(HeaderBytesMax).ToArray());
    }
}

/// <summary>Makes a plan of what a release brings: of its canonical form and scripts, or again from the program that holds its code.</summary>
public interface IPlanBuilder
{
    /// <summary>
    /// The plan whose canonical form these bytes are. <paramref name="code"/> is what the owner sent along for the builder.
    /// A plan of any other digest is refused.
    /// </summary>
    Outcome<Plan> Build(ReadOnlySpan<byte> canonical, ReadOnlySpan<byte> code);
}
