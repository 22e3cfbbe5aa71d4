using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Enclaves.Tests.Work;

public class StageReleaseTests
{
    private static readonly CanonicalPlanBuilder s_builder = new();

    [Fact]
    public void A_release_opens_with_its_key_as_it_was_sealed()
    {
        using SealedWords words = new();
        using WorkerSetup setup = words.Setup();
        using HpkePrivateKey key = HpkePrivateKey.Generate(MachineEntropy.Instance);
        Outcome<WorkerSetup> opened = StageRelease.Open(key, Seal(setup, key), s_builder);
        Assert.Null(opened.Failure);
        using WorkerSetup got = opened.Value;
        Assert.Equal((words.Run, words.Plan.Digest), (got.Run, got.Plan.Digest));
        Assert.Equal(setup.Binding, got.Binding);
        Assert.Equal(setup.EdgeKeys.Keys.Order(), got.EdgeKeys.Keys.Order());
        Assert.All(setup.EdgeKeys, k => Assert.True(k.Value.Bytes.SequenceEqual(got.EdgeKeys[k.Key].Bytes)));
        Assert.All(setup.StateKeys, k => Assert.True(k.Value.Bytes.SequenceEqual(got.StateKeys[k.Key].Bytes)));
        Assert.All(setup.DispatchKeys, k => Assert.True(k.Value.Bytes.SequenceEqual(got.DispatchKeys[k.Key].Bytes)));
        Assert.Equal(words.Stream, got.Inputs[words.Source.Id].Single().Id);
        Assert.Null(got.Output);
    }

    [Fact]
    public void A_worker_gets_the_keys_of_its_own_stages_only()
    {
        using SealedWords words = new();
        using WorkerSetup source = words.Setup(stage => stage.Id == words.Source.Id);
        Assert.Equal([words.Source.Id], source.StateKeys.Keys);
        Assert.Single(source.DispatchKeys);
        using WorkerSetup counts = words.Setup(stage => stage.Id == words.Counts.Id);
        Assert.Equal([words.Counts.Id], counts.StateKeys.Keys);
        Assert.Empty(counts.DispatchKeys);
    }

    [Fact]
    public void A_release_with_one_flipped_bit_anywhere_is_refused()
    {
        using SealedWords words = new();
        using WorkerSetup setup = words.Setup();
        using HpkePrivateKey key = HpkePrivateKey.Generate(MachineEntropy.Instance);
        byte[] release = Seal(setup, key);
        for (int at = 0; at < release.Length; at++)
        {
            release[at] ^= (byte)(1 << (at % 8));
            Assert.False(StageRelease.Open(key, release, s_builder).Succeeded, $"byte {at}");
            release[at] ^= (byte)(1 << (at % 8));
        }

        Assert.False(StageRelease.Open(key, release.AsSpan(0, release.Length - 1), s_builder).Succeeded);
        Assert.False(StageRelease.Open(key, [.. release, 0], s_builder).Succeeded);
        Assert.False(StageRelease.Open(key, [], s_builder).Succeeded);
    }

    [Fact]
    public void A_release_for_another_worker_is_refused()
    {
        using SealedWords words = new();
        using WorkerSetup setup = words.Setup();
        using HpkePrivateKey key = HpkePrivateKey.Generate(MachineEntropy.Instance);
        using HpkePrivateKey other = HpkePrivateKey.Generate(MachineEntropy.Instance);
        Assert.Equal(FailureKind.Integrity, StageRelease.Open(other, Seal(setup, key), s_builder).Failure?.Kind);
    }

    [Fact]
    public void Whoever_has_the_public_key_can_seal_to_it_and_what_is_malformed_is_refused_all_the_same()
    {
        // A host knows the public key of the greeting: what is inside is checked even when the seal is good.
        using SealedWords words = new();
        using WorkerSetup setup = words.Setup();
        using HpkePrivateKey key = HpkePrivateKey.Generate(MachineEntropy.Instance);
        using Secret inside = Hpke.Open(key, "culvert v1 release"u8, [], Seal(setup, key)).Value;
        byte[] bytes = inside.Bytes.ToArray();
        foreach (int length in Enumerable.Range(1, bytes.Length - 1))
        {
            Assert.False(Open(key, bytes[..length]).Succeeded, $"cut at {length}");
        }

        Assert.False(Open(key, [.. bytes, 0]).Succeeded);
        int planAt = bytes.AsSpan().IndexOf(words.Plan.WriteCanonical());
        for (int at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 0x80;
            Outcome<WorkerSetup> opened = Open(key, bytes);
            bytes[at] ^= 0x80;
            if (at == 0 || (at >= planAt - sizeof(int) && at < planAt))
            {
                Assert.False(opened.Succeeded, $"byte {at}");
            }

            if (opened.Succeeded)
            {
                opened.Value.Dispose();
            }
        }
    }

    private static byte[] Seal(WorkerSetup setup, HpkePrivateKey key) =>
        StageRelease.Seal(setup, LuaScripts.Of(setup.Plan).WriteCanonical().Value, key.PublicKey, MachineEntropy.Instance);

    private static Outcome<WorkerSetup> Open(HpkePrivateKey key, byte[] inside) =>
        StageRelease.Open(key, Hpke.Seal(key.PublicKey, "culvert v1 release"u8, [], inside, MachineEntropy.Instance), s_builder);
}
