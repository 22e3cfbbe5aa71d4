using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>A bundle's bytes, sealed to an enclave's key (docs/specs/key-release.md).</summary>
public static class KeyBundleCodec
{
    private const byte Version = 1;
    private const int KeysMax = 1 << 16;

    /// <summary>Seals a bundle to the key that <paramref name="binding"/> names.</summary>
    public static byte[] Seal(KeyBundle bundle, ReleaseBinding binding, HpkePublicKey to, IEntropy entropy)
    {
        ArrayBufferWriter<byte> writer = new(1 << 12);
        try
        {
            writer.Byte(Version);
            writer.Int32(bundle.Stage.Value);
            writer.UInt128(bundle.Run.Value);
            writer.Write(bundle.Plan.ToBytes());
            writer.Int32(bundle.Epoch.Value);
            Write(writer, bundle.Edges, e => e.Value);
            Write(writer, bundle.Dispatch, e => e.Value);
            Write(writer, bundle.State, e => e.Value);
            writer.Int32(bundle.Inputs.Count);
            foreach ((StreamId stream, Secret key) in bundle.Inputs.OrderBy(i => i.Key.Value))
            {
                writer.UInt128(stream.Value);
                writer.Part(key.Bytes);
            }

            writer.Part(bundle.Output is null ? [] : bundle.Output.Bytes);
            writer.Part(bundle.ProofSalt.Bytes);
            return Hpke.Seal(to, binding.BundleInfo(bundle.Stage), [], writer.WrittenSpan, entropy);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(writer.WrittenMemory).Span);
        }
    }

    /// <summary>Opens the bundle of a stage; the caller disposes it.</summary>
    public static Outcome<KeyBundle> Open(HpkePrivateKey key, ReleaseBinding binding, StageId stage, ReadOnlySpan<byte> sealedBundle)
    {
        Outcome<Secret> opened = Hpke.Open(key, binding.BundleInfo(stage), [], sealedBundle);
        if (opened.Failure is { } failure)
        {
            return failure;
        }

        using Secret inside = opened.Value;
        List<Secret> keys = [];
        FieldReader reader = new(inside.Bytes);
        byte version = reader.Byte();
        StageId named = new(reader.Int32());
        RunId run = new(reader.UInt128());
        ReadOnlySpan<byte> plan = reader.Take(PlanDigest.SizeBytes);
        KeyEpoch epoch = new(reader.Int32());
        ImmutableSortedDictionary<EdgeId, Secret> edges = Read(ref reader, keys, n => new EdgeId(n));
        ImmutableSortedDictionary<EdgeId, Secret> dispatch = Read(ref reader, keys, n => new EdgeId(n));
        ImmutableSortedDictionary<KeyEpoch, Secret> state = Read(ref reader, keys, n => new KeyEpoch(n));
        ImmutableDictionary<StreamId, Secret> inputs = ReadInputs(ref reader, keys);
        ReadOnlySpan<byte> output = reader.Part(Secret.KeyBytes);
        ReadOnlySpan<byte> salt = reader.Part(Secret.KeyBytes);
        if (reader.IsCut || reader.Left > 0 || version != Version || named != stage || salt.Length != Secret.KeyBytes || output.Length is not (0 or Secret.KeyBytes))
        {
            keys.ForEach(k => k.Dispose());
            return new Failure(FailureKind.Malformed, "a key bundle is cut, too long, of another version or of another stage");
        }

        return new KeyBundle
        {
            Stage = stage,
            Run = run,
            Plan = PlanDigest.FromBytes(plan),
            Epoch = epoch,
            Edges = edges,
            Dispatch = dispatch,
            State = state,
            Inputs = inputs,
            Output = output.Length == 0 ? null : Secret.CopyOf(output),
            ProofSalt = Secret.CopyOf(salt),
        };
    }

    private static void Write<T>(IBufferWriter<byte> writer, ImmutableSortedDictionary<T, Secret> keys, Func<T, int> number)
        where T : notnull
    {
        writer.Int32(keys.Count);
        foreach ((T id, Secret key) in keys)
        {
            writer.Int32(number(id));
            writer.Part(key.Bytes);
        }
    }

    private static ImmutableSortedDictionary<T, Secret> Read<T>(ref FieldReader reader, List<Secret> keys, Func<int, T> id)
        where T : notnull
    {
        ImmutableSortedDictionary<T, Secret>.Builder read = ImmutableSortedDictionary.CreateBuilder<T, Secret>();
        int count = ReadCount(ref reader);
        int last = -1;
        for (int i = 0; i < count && !reader.IsCut; i++)
        {
            int number = reader.Int32();
            if (number <= last)
            {
                reader.Take(-1);
                break;
            }

            last = number;
            read.Add(id(number), ReadKey(ref reader, keys));
        }

        return read.ToImmutable();
    }

    private static ImmutableDictionary<StreamId, Secret> ReadInputs(ref FieldReader reader, List<Secret> keys)
    {
        ImmutableDictionary<StreamId, Secret>.Builder read = ImmutableDictionary.CreateBuilder<StreamId, Secret>();
        int count = ReadCount(ref reader);
        UInt128 last = 0;
        for (int i = 0; i < count && !reader.IsCut; i++)
        {
            UInt128 stream = reader.UInt128();
            if (i > 0 && stream <= last)
            {
                reader.Take(-1);
                break;
            }

            last = stream;
            read.Add(new StreamId(stream), ReadKey(ref reader, keys));
        }

        return read.ToImmutable();
    }

    private static int ReadCount(ref FieldReader reader)
    {
        int count = reader.Int32();
        if (count is < 0 or > KeysMax)
        {
            reader.Take(-1);
        }

        return count;
    }

    private static Secret ReadKey(ref FieldReader reader, List<Secret> keys)
    {
        ReadOnlySpan<byte> bytes = reader.Part(Secret.KeyBytes);
        bool isKey = bytes.Length == Secret.KeyBytes;
        if (!isKey)
        {
            reader.Take(-1);
        }

        Secret key = isKey ? Secret.CopyOf(bytes) : Secret.CopyOf(new byte[Secret.KeyBytes]);
        keys.Add(key);
        return key;
    }
}
