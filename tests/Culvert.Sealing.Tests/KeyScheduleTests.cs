using System.Security.Cryptography;
using Culvert.Sealing;

namespace Culvert.Sealing.Tests;

public sealed class KeyScheduleTests
{
    private static readonly PlanDigest s_plan = PlanDigest.FromBytes(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    [Fact]
    public void No_two_purposes_share_a_key()
    {
        using Secret owner = Secret.CopyOf(new byte[32]);
        using Secret run = KeySchedule.RunKey(owner, new RunId(1), s_plan);

        Secret[] keys =
        [
            run,
            KeySchedule.RunKey(owner, new RunId(2), s_plan),
            KeySchedule.FileKey(owner, new StreamId(1)),
            KeySchedule.FileKey(owner, new StreamId(2)),
            KeySchedule.StateKey(owner, s_plan.ToBytes(), new StageId(0), new KeyEpoch(0)),
            KeySchedule.StateKey(owner, s_plan.ToBytes(), new StageId(1), new KeyEpoch(0)),
            KeySchedule.StateKey(owner, s_plan.ToBytes(), new StageId(0), new KeyEpoch(1)),
            KeySchedule.EdgeKey(run, new EdgeId(0), new KeyEpoch(0)),
            KeySchedule.EdgeKey(run, new EdgeId(0), new KeyEpoch(1)),
            KeySchedule.EdgeKey(run, new EdgeId(1), new KeyEpoch(0)),
            KeySchedule.DispatchKey(run, new EdgeId(0)),
            KeySchedule.BrokerStoreKey(owner),
            KeySchedule.InstanceKey(run, new InstanceSalt(1), []),
            KeySchedule.InstanceKey(run, new InstanceSalt(2), []),
        ];

        Assert.Equal(keys.Length, keys.Select(k => Convert.ToHexString(k.Bytes)).Distinct().Count());
    }

    [Fact]
    public void Every_key_is_the_one_that_the_vectors_say()
    {
        ILookup<string, string> values = Vectors.Read("", Path.GetFileNameWithoutExtension("key-schedule.txt"));
        byte[] Bytes(string name) => Vectors.Hex(Assert.Single(values[name]));
        UInt128 Id(string name) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(Bytes(name));
        using Secret owner = Secret.CopyOf(Bytes("owner"));
        PlanDigest plan = PlanDigest.FromBytes(Bytes("plan-digest"));
        using Secret run = KeySchedule.RunKey(owner, new RunId(Id("run-id")), plan);
        using Secret edge = KeySchedule.EdgeKey(run, new EdgeId(3), new KeyEpoch(2));

        Assert.Equal(Assert.Single(values["key-id"]), KeySchedule.KeyId(owner).ToString());
        AssertKeys(values["file-key"], _ => KeySchedule.FileKey(owner, new StreamId(Id("stream-id"))));
        AssertKeys(values["run-key"], _ => KeySchedule.RunKey(owner, new RunId(Id("run-id")), plan));
        AssertKeys(values["edge-key"], at => KeySchedule.EdgeKey(run, new EdgeId(at[0]), new KeyEpoch(at[1])));
        AssertKeys(values["dispatch-key"], at => KeySchedule.DispatchKey(run, new EdgeId(at[0])));
        AssertKeys(values["state-key"], at => KeySchedule.StateKey(owner, plan.ToBytes(), new StageId(at[0]), new KeyEpoch(at[1])));
        AssertKeys(values["proof-salt"], _ => KeySchedule.ProofSalt(run));
        AssertKeys(values["broker-store-key"], _ => KeySchedule.BrokerStoreKey(owner));
        AssertKeys(values["instance-key"], _ => KeySchedule.InstanceKey(edge, new InstanceSalt(Id("instance-salt")), "frames"u8));
    }

    [Fact]
    public void Signing_keys_follow_from_the_owner_as_the_vectors_say_and_sign()
    {
        ILookup<string, string> values = Vectors.Read("", Path.GetFileNameWithoutExtension("key-schedule.txt"));
        using Secret owner = Secret.CopyOf(Vectors.Hex(Assert.Single(values["owner"])));

        foreach ((string name, Func<Secret, ECDsa> derive) in new (string, Func<Secret, ECDsa>)[]
        {
            ("owner-signing", SigningKeys.OfOwner), ("broker-signing", SigningKeys.OfBroker), ("broker-authority", SigningKeys.OfBrokerAuthority),
        })
        {
            using ECDsa key = derive(owner);
            ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
            using ECDsa other = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });

            Assert.Equal(Assert.Single(values[name]), Convert.ToHexStringLower([.. point.X!, .. point.Y!]));
            Assert.True(other.VerifyData("words"u8, key.SignData("words"u8, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256));
        }
    }

    /// <summary>Each line: the numbers that a key is derived for, and the key.</summary>
    private static void AssertKeys(IEnumerable<string> lines, Func<int[], Secret> derive)
    {
        Assert.NotEmpty(lines);
        Assert.All(lines.Select(line => line.Split(' ')), parts =>
        {
            using Secret key = derive([.. parts[..^1].Select(int.Parse)]);
            Assert.Equal(parts[^1], Convert.ToHexStringLower(key.Bytes));
        });
    }
}
