using System.Buffers;
using System.Collections.Immutable;
using Culvert.Sealing;

namespace Culvert.Attestation.Tests.Release;

public sealed class KeyBundleCodecTests : IDisposable
{
    private readonly PlayOwner _owner = new();
    private readonly PlayEnclave _enclave = new();
    private readonly ReleaseBinding _binding;

    public KeyBundleCodecTests()
    {
        byte[] digest = new byte[32];
        _binding = _enclave.Bind(
            new ReleaseChallenge { Nonce = [.. digest], Broker = [.. digest], Owner = [.. digest], Manifest = [.. digest], Epoch = new KeyEpoch(2), Lineage = [.. new byte[16]], NotAfter = default },
            "job",
            1);
    }

    [Fact]
    public void What_is_sealed_opens_with_the_same_keys_and_nothing_else()
    {
        using KeyBundle made = Make();

        using KeyBundle opened = PlayOwner.Value(KeyBundleCodec.Open(_enclave.Key, _binding, new StageId(1), Seal(made)));

        Assert.Equal((made.Stage, made.Run, made.Plan, made.Epoch), (opened.Stage, opened.Run, opened.Plan, opened.Epoch));
        Assert.Equal(Hex(made.Edges), Hex(opened.Edges));
        Assert.Equal(Hex(made.Dispatch), Hex(opened.Dispatch));
        Assert.Equal([0, 1, 2], opened.State.Keys.Select(epoch => epoch.Value));
        Assert.Equal(Hex(made.State), Hex(opened.State));
        Assert.Equal(Hex(made.Inputs.ToImmutableSortedDictionary(i => i.Key.Value, i => i.Value)), Hex(opened.Inputs.ToImmutableSortedDictionary(i => i.Key.Value, i => i.Value)));
        Assert.Equal(Convert.ToHexString(made.Output!.Bytes), Convert.ToHexString(opened.Output!.Bytes));
        Assert.Equal(Convert.ToHexString(made.ProofSalt.Bytes), Convert.ToHexString(opened.ProofSalt.Bytes));
    }

    [Fact]
    public void Another_key_stage_or_binding_opens_nothing()
    {
        using KeyBundle made = Make();
        using HpkePrivateKey other = HpkePrivateKey.Generate(SystemEntropy.Instance);
        byte[] message = Seal(made);

        Assert.False(KeyBundleCodec.Open(other, _binding, new StageId(1), message).Succeeded);
        Assert.False(KeyBundleCodec.Open(_enclave.Key, _binding, new StageId(2), message).Succeeded);
        Assert.False(KeyBundleCodec.Open(_enclave.Key, _binding with { Run = new RunId(8) }, new StageId(1), message).Succeeded);
        Assert.False(KeyBundleCodec.Open(_enclave.Key, _binding with { Nonce = [.. new byte[31], 1] }, new StageId(1), message).Succeeded);
        Assert.False(KeyBundleCodec.Open(_enclave.Key, _binding with { Epoch = new KeyEpoch(3) }, new StageId(1), message).Succeeded);
    }

    [Fact]
    public void Any_altered_byte_is_refused()
    {
        using KeyBundle made = Make();
        byte[] message = Seal(made);
        for (int i = 0; i < message.Length; i += 7)
        {
            message[i] ^= 1;
            Assert.False(KeyBundleCodec.Open(_enclave.Key, _binding, new StageId(1), message).Succeeded, $"byte {i}");
            message[i] ^= 1;
        }
    }

    [Fact]
    public void What_a_holder_of_the_public_key_made_up_is_refused_unless_it_is_the_one_encoding()
    {
        using KeyBundle made = Make();
        byte[] plain = Plain(Seal(made));

        for (int length = 1; length < plain.Length; length += 13)
        {
            AssertRefused(plain[..length], $"cut to {length}");
        }

        AssertRefused([.. plain, 0], "a byte too many");
        AssertRefused([2, .. plain[1..]], "another version");
        AssertRefused(With(plain, 1, 2), "another stage");
        AssertRefused(With(plain, 53, 1), "state keys of a later epoch");
        AssertRefused(With(plain, 57, 0x7f), "another count of edges");
        AssertRefused(With(plain, 61, 101), "edges that do not ascend");
    }

    public void Dispose()
    {
        _owner.Dispose();
        _enclave.Dispose();
    }

    private KeyBundle Make() => KeyDerivation.Of(
        _owner.Secret,
        _owner.Lineage,
        new ManifestStage
        {
            Id = new StageId(1),
            Name = "s",
            Accepted = [],
            Edges = [new StageEdge(new EdgeId(3), true), new StageEdge(new EdgeId(4), false)],
            Reports = new EdgeId(101),
            HoldsState = true,
            ReadsInputs = true,
            WritesResult = true,
        },
        _binding.Plan,
        _binding.Run,
        _binding.Inputs.AsSpan(),
        new KeyEpoch(2),
        [new StreamId(9), new StreamId(5), new StreamId(9)],
        new StreamId(77));

    private byte[] Seal(KeyBundle bundle) => KeyBundleCodec.Seal(bundle, _binding, _enclave.Key.PublicKey, SystemEntropy.Instance);

    private byte[] Plain(byte[] message)
    {
        using Secret plain = PlayOwner.Value(Hpke.Open(_enclave.Key, _binding.BundleInfo(new StageId(1)), [], message));
        return plain.Bytes.ToArray();
    }

    private void AssertRefused(byte[] plain, string what)
    {
        byte[] message = Hpke.Seal(_enclave.Key.PublicKey, _binding.BundleInfo(new StageId(1)), [], plain, SystemEntropy.Instance);

        Assert.False(KeyBundleCodec.Open(_enclave.Key, _binding, new StageId(1), message).Succeeded, what);
    }

    private static byte[] With(byte[] plain, int at, byte value) => [.. plain[..at], value, .. plain[(at + 1)..]];

    private static IEnumerable<string> Hex<T>(ImmutableSortedDictionary<T, Secret> keys)
        where T : notnull => keys.Select(key => $"{key.Key} {Convert.ToHexString(key.Value.Bytes)}").ToArray();
}
