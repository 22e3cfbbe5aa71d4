using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>
/// A key bundle as bytes, sealed to an enclave (docs/specs/key-release.md, "Bundle"): one encoding for each bundle, and opened
/// only under the binding that it was released for.
/// </summary>
public static class KeyBundleCodec
{
    private const byte Version = 1;
    private const int HeadBytes = 1 + 4 + 16 + PlanDigest.SizeBytes + 4;
    private const int KeyBytes = sizeof(int) + Secret.KeyBytes;

    /// <summary>Seals a bundle to the enclave's key. The binding is the one that the enclave's evidence was verified for.</summary>
    public static byte[] Seal(KeyBundle bundle, ReleaseBinding binding, HpkePublicKey to, IEntropy entropy)
    {
        // Of the right size from the start, so that no copy is left behind when it grows.
        ArrayBufferWriter<byte> writer = new(SizeOf(bundle));
        try
        {
            Write(writer, bundle);
            Invariant.Holds(writer.WrittenCount == SizeOf(bundle));
            return Hpke.Seal(to, binding.BundleInfo(bundle.Stage), [], writer.WrittenSpan, entropy);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(writer.WrittenMemory).Span);
        }
    }

    /// <summary>
    /// Opens the bundle of a stage with the enclave's key; the caller disposes it. Refuses what was sealed for another binding,
    /// stage or key, and what is not the one encoding of a bundle for the binding's run, plan and epoch.
    /// </summary>
    public static Outcome<KeyBundle> Open(HpkePrivateKey key, ReleaseBinding binding, StageId stage, ReadOnlySpan<byte> message)
    {
        if (message.Length > ReleaseLimits.BundleBytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"the key bundle of {stage}: {message.Length} bytes; at most {ReleaseLimits.BundleBytesMax} are read");
        }

        Outcome<Secret> opened = Hpke.Open(key, binding.BundleInfo(stage), [], message);
        if (!opened.Succeeded)
        {
            return new Failure(opened.Failure.Kind, $"the key bundle of {stage} does not open: {opened.Failure.Message}");
        }

        using Secret plain = opened.Value;
        Outcome<KeyBundle> read = Read(plain.Bytes);
        if (!read.Succeeded)
        {
            return read.Failure;
        }

        KeyBundle bundle = read.Value;
        if (bundle.Stage == stage && bundle.Run == binding.Run && bundle.Plan == binding.Plan && bundle.Epoch == binding.Epoch)
        {
            return bundle;
        }

        bundle.Dispose();
        return new Failure(FailureKind.Mismatch, $"the key bundle of {stage} is for another stage, run, plan or key epoch");
    }

    private static void Write(IBufferWriter<byte> writer, KeyBundle bundle)
    {
        writer.Byte(Version);
        writer.Int32(bundle.Stage.Value);
        writer.UInt128(bundle.Run.Value);
        writer.Write(bundle.Plan.ToBytes());
        writer.Int32(bundle.Epoch.Value);
        WriteKeys(writer, bundle.Edges, edge => edge.Value);
        WriteKeys(writer, bundle.Dispatch, edge => edge.Value);
        WriteKeys(writer, bundle.State, epoch => epoch.Value);
        writer.Int32(bundle.Inputs.Count);
        foreach ((StreamId stream, Secret key) in bundle.Inputs.OrderBy(input => input.Key.Value))
        {
            writer.UInt128(stream.Value);
            Write(writer, key);
        }

        writer.Byte(bundle.Output is null ? (byte)0 : (byte)1);
        if (bundle.Output is { } output)
        {
            Write(writer, output);
        }

        Write(writer, bundle.ProofSalt);
    }

    private static void WriteKeys<T>(IBufferWriter<byte> writer, ImmutableSortedDictionary<T, Secret> keys, Func<T, int> number)
        where T : notnull
    {
        writer.Int32(keys.Count);
        foreach ((T id, Secret key) in keys)
        {
            writer.Int32(number(id));
            Write(writer, key);
        }
    }

    private static void Write(IBufferWriter<byte> writer, Secret key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Secret.KeyBytes, nameof(key));
        writer.Write(key.Bytes);
    }

    private static int SizeOf(KeyBundle bundle) =>
        HeadBytes
        + (4 * sizeof(int)) + ((bundle.Edges.Count + bundle.Dispatch.Count + bundle.State.Count) * KeyBytes)
        + (bundle.Inputs.Count * (16 + Secret.KeyBytes))
        + 1 + (bundle.Output is null ? 0 : Secret.KeyBytes)
        + Secret.KeyBytes;

    private static Outcome<KeyBundle> Read(ReadOnlySpan<byte> bytes)
    {
        FieldReader reader = new(bytes);
        byte version = reader.Byte();
        if (version != Version)
        {
            return new Failure(FailureKind.Malformed, $"the key bundle is of version {version}, and version {Version} is known");
        }

        StageId stage = new(reader.Int32());
        RunId run = new(reader.UInt128());
        PlanDigest plan = reader.Take(PlanDigest.SizeBytes) is { Length: PlanDigest.SizeBytes } digest ? PlanDigest.FromBytes(digest) : default;
        KeyEpoch epoch = new(reader.Int32());
        KeyBundle bundle = new()
        {
            Stage = stage,
            Run = run,
            Plan = plan,
            Epoch = epoch,
            Edges = ReadKeys(ref reader, number => new EdgeId(number)),
            Dispatch = ReadKeys(ref reader, number => new EdgeId(number)),
            State = ReadKeys(ref reader, number => new KeyEpoch(number)),
            Inputs = ReadInputs(ref reader),
            Output = ReadOutput(ref reader),
            ProofSalt = ReadKey(ref reader),
        };
        bool isBeyondEpoch = !bundle.State.IsEmpty && bundle.State.Keys.Last().CompareTo(epoch) > 0;
        if (!reader.IsCut && reader.Left == 0 && stage.Value >= 0 && epoch.Value >= 0 && !isBeyondEpoch)
        {
            return bundle;
        }

        bundle.Dispose();
        return new Failure(FailureKind.Malformed, "the key bundle is cut, too long, out of order, or has keys of later epochs");
    }

    private static ImmutableSortedDictionary<T, Secret> ReadKeys<T>(ref FieldReader reader, Func<int, T> id)
        where T : notnull
    {
        ImmutableSortedDictionary<T, Secret>.Builder keys = ImmutableSortedDictionary.CreateBuilder<T, Secret>();
        int count = ReadCount(ref reader);
        int last = -1;
        for (int i = 0; i < count; i++)
        {
            int number = reader.Int32();
            if (reader.IsCut || number <= last)
            {
                reader.Take(-1);
                break;
            }

            last = number;
            keys[id(number)] = ReadKey(ref reader);
        }

        return keys.ToImmutable();
    }

    private static ImmutableDictionary<StreamId, Secret> ReadInputs(ref FieldReader reader)
    {
        ImmutableDictionary<StreamId, Secret>.Builder inputs = ImmutableDictionary.CreateBuilder<StreamId, Secret>();
        int count = ReadCount(ref reader);
        UInt128 last = 0;
        for (int i = 0; i < count; i++)
        {
            UInt128 stream = reader.UInt128();
            if (reader.IsCut || (i > 0 && stream <= last))
            {
                reader.Take(-1);
                break;
            }

            last = stream;
            inputs[new StreamId(stream)] = ReadKey(ref reader);
        }

        return inputs.ToImmutable();
    }

    private static Secret? ReadOutput(ref FieldReader reader)
    {
        byte has = reader.Byte();
        if (has > 1)
        {
            reader.Take(-1);
        }

        return has == 1 ? ReadKey(ref reader) : null;
    }

    private static int ReadCount(ref FieldReader reader)
    {
        int count = reader.Int32();
        if (count is >= 0 and <= ReleaseLimits.BundleKeysMax)
        {
            return count;
        }

        reader.Take(-1);
        return 0;
    }

    /// <summary>A key; where there is none left, zeros, and the reader remembers that it was cut.</summary>
    private static Secret ReadKey(ref FieldReader reader) =>
        reader.Take(Secret.KeyBytes) is { Length: Secret.KeyBytes } bytes ? Secret.CopyOf(bytes) : Secret.CopyOf(stackalloc byte[Secret.KeyBytes]);
}
