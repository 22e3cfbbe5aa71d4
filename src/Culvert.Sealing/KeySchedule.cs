using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Sealing;

/// <summary>
/// Every key that follows from another (docs/keys.md): HKDF-SHA256 (RFC 5869) with a label of its own for each purpose, so
/// that no two purposes share a key. What is returned is the caller's to dispose.
/// </summary>
public static class KeySchedule
{
    /// <summary>Begins every label: a later version of the schedule has other keys.</summary>
    private const string Prefix = "culvert v1 ";

    /// <summary>The public name of an owner's secret: one way, so that it tells nothing of it.</summary>
    public static OwnerKeyId KeyId(Secret owner)
    {
        using Secret id = Derive(owner, [], "key id", [], OwnerKeyId.SizeBytes);
        return OwnerKeyId.FromBytes(id.Bytes);
    }

    /// <summary>The key of a sealed file, from the owner's secret and the file's random stream id.</summary>
    public static Secret FileKey(Secret owner, StreamId stream) => Derive(owner, Bytes(stream.Value), "file", []);

    /// <summary>
    /// The key of a run, from the owner's secret: all keys of the run's edges follow from it. <paramref name="inputs"/> names the
    /// sealed inputs (a digest, or nothing where there are none), so that a run that claims another's id has other keys.
    /// </summary>
    public static Secret RunKey(Secret owner, RunId run, PlanDigest plan, ReadOnlySpan<byte> inputs = default) =>
        Derive(owner, Bytes(run.Value), "run", [.. plan.ToBytes(), .. inputs]);

    /// <summary>The key of an edge in a key epoch.</summary>
    public static Secret EdgeKey(Secret run, EdgeId edge, KeyEpoch epoch)
    {
        Span<byte> context = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(context, edge.Value);
        BinaryPrimitives.WriteInt32BigEndian(context[sizeof(int)..], epoch.Value);
        return Derive(run, [], "edge", context);
    }

    /// <summary>The key by which an edge's rows are given to partitions, so that routing tells nothing of the rows' keys. The same in all epochs.</summary>
    public static Secret DispatchKey(Secret run, EdgeId edge)
    {
        Span<byte> context = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(context, edge.Value);
        return Derive(run, [], "dispatch", context);
    }

    /// <summary>
    /// The key of a stage's snapshots in a key epoch, from the owner's secret: the same for every run of a lineage, which is a
    /// manifest's, or where there is none a plan's digest.
    /// </summary>
    public static Secret StateKey(Secret owner, ReadOnlySpan<byte> lineage, StageId stage, KeyEpoch epoch)
    {
        Span<byte> context = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(context, stage.Value);
        BinaryPrimitives.WriteInt32BigEndian(context[sizeof(int)..], epoch.Value);
        return Derive(owner, lineage, "state", context);
    }

    /// <summary>What blinds a run's proof, so that who has the proof without it learns nothing of the result.</summary>
    public static Secret ProofSalt(Secret run) => Derive(run, [], "proof", []);

    /// <summary>The key of the owner's broker's store, from the owner's secret: each file of it has an instance key.</summary>
    public static Secret BrokerStoreKey(Secret owner) => Derive(owner, [], "broker store", []);

    /// <summary>The key that one sender instance seals with, under a key that several share: two instances never use one nonce.</summary>
    public static Secret InstanceKey(Secret shared, InstanceSalt salt, ReadOnlySpan<byte> context) =>
        Derive(shared, Bytes(salt.Value), "instance", context);

    /// <summary>The salt of a sealed file's header that several make alike: it follows from all that the header says.</summary>
    internal static Secret HeaderSalt(Secret file, ReadOnlySpan<byte> about) => Derive(file, [], "header salt", about, InstanceSalt.SizeBytes);

    /// <summary>What an owner's HPKE key is derived from, to which the keys of stored units are wrapped.</summary>
    public static Secret StoreReading(Secret owner) => Derive(owner, [], "store reading", []);

    /// <summary>The key of what a client of a store keeps on its own machine: uploads that are not complete, and their keys.</summary>
    public static Secret StoreState(Secret owner) => Derive(owner, [], "store state", []);

    /// <summary>HKDF: extract with <paramref name="salt"/>, expand with the label and <paramref name="context"/>.</summary>
    internal static Secret Derive(Secret key, ReadOnlySpan<byte> salt, string label, ReadOnlySpan<byte> context, int length = Secret.KeyBytes)
    {
        // The label ends with a zero byte, which no label has inside, so label and context cannot run into each other.
        byte[] info = [.. Encoding.ASCII.GetBytes(Prefix + label), 0, .. context];
        byte[] saltBytes = salt.ToArray();
        return Secret.Create(length, output => HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes, output, saltBytes, info));
    }

    private static byte[] Bytes(UInt128 value)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return bytes;
    }
}
