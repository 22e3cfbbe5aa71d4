using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Enclaves.Tests.Work;

public sealed class StageReleaseTests : IDisposable
{
    private readonly SealedWords _words = new();
    private readonly HpkePrivateKey _key = HpkePrivateKey.Generate(MachineEntropy.Instance);
    private readonly ECDsa _signer = SigningKeys.Generate(MachineEntropy.Instance);

    public void Dispose()
    {
        _words.Dispose();
        _key.Dispose();
        _signer.Dispose();
    }

    [Fact]
    public void A_release_opens_with_its_key_as_it_was_sealed()
    {
        ReleaseBinding binding = BindingOfAll();
        using WorkerSetup derived = _words.Setup();
        Outcome<WorkerSetup> opened = Open(binding, _words.Release(binding, _key.PublicKey));
        Assert.Null(opened.Failure);
        using WorkerSetup got = opened.Value;
        Assert.Equal((_words.Run, _words.Plan.Digest), (got.Run, got.Plan.Digest));
        Assert.Equal(derived.Task.Inputs.AsEnumerable(), got.Task.Inputs.AsEnumerable());
        Assert.Equal(derived.EdgeKeys.Keys.Order(), got.EdgeKeys.Keys.Order());
        Assert.All(derived.EdgeKeys, k => Assert.True(k.Value.Bytes.SequenceEqual(got.EdgeKeys[k.Key].Bytes)));
        Assert.All(derived.StateKeys, k => Assert.True(Assert.Single(k.Value).Bytes.SequenceEqual(Assert.Single(got.StateKeys[k.Key]).Bytes)));
        Assert.All(derived.DispatchKeys, k => Assert.True(k.Value.Bytes.SequenceEqual(got.DispatchKeys[k.Key].Bytes)));
        SealedStream input = Assert.Single(got.Inputs[_words.Source.Id]);
        Assert.Equal(_words.Stream, input.Id);
        Assert.True(Assert.Single(derived.Inputs[_words.Source.Id]).Key.Bytes.SequenceEqual(input.Key.Bytes));
        Assert.Null(got.Output);
    }

    [Fact]
    public void A_task_that_names_another_stream_for_the_result_is_refused()
    {
        ReleaseBinding binding = BindingOfAll();
        byte[] another = _words.Release(binding, _key.PublicKey, _words.Task() with { Output = new StreamId(binding.ResultStream().Value ^ 1) });

        Assert.Null(Open(binding, _words.Release(binding, _key.PublicKey, _words.Task() with { Output = binding.ResultStream() })).Failure);
        Failure failure = Open(binding, another).Failure!;
        Assert.Equal(FailureKind.Integrity, failure.Kind);
        Assert.Contains("another stream for the result", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_gets_the_keys_of_its_own_stages_only()
    {
        using WorkerSetup source = _words.Setup(stage => stage.Id == _words.Source.Id);
        Assert.Equal([_words.Source.Id], source.StateKeys.Keys);
        Assert.Single(source.DispatchKeys);
        using WorkerSetup counts = _words.Setup(stage => stage.Id == _words.Counts.Id);
        Assert.Equal([_words.Counts.Id], counts.StateKeys.Keys);
        Assert.Empty(counts.DispatchKeys);
        Assert.Empty(counts.Inputs);
    }

    [Fact]
    public void In_a_later_key_epoch_state_is_written_under_its_key_and_read_under_all_before()
    {
        ReleaseBinding later = BindingOfAll() with { Epoch = new KeyEpoch(2) };
        using WorkerSetup got = Open(later, _words.Release(later, _key.PublicKey)).Value;
        KeyLineage lineage = KeyLineage.Of(_words.Plan.Digest);

        Assert.Equal(new KeyEpoch(2), got.Epoch);
        Assert.All(got.StateKeys, stage => Assert.Equal(
            new[] { 2, 1, 0 }.Select(epoch => Hex(KeySchedule.StateKey(_words.Owner, lineage.Id.AsSpan(), stage.Key, new KeyEpoch(epoch)))),
            stage.Value.Select(Hex)));

        using WorkerSetup before = _words.Setup();
        Assert.All(before.EdgeKeys, edge => Assert.NotEqual(Hex(edge.Value), Hex(got.EdgeKeys[edge.Key])));
    }

    [Fact]
    public void A_release_with_one_flipped_bit_anywhere_is_refused()
    {
        ReleaseBinding binding = BindingOfAll();
        byte[] release = _words.Release(binding, _key.PublicKey);
        for (int at = 0; at < release.Length; at++)
        {
            release[at] ^= (byte)(1 << (at % 8));
            Assert.False(Open(binding, release).Succeeded, $"byte {at}");
            release[at] ^= (byte)(1 << (at % 8));
        }

        Assert.False(Open(binding, release[..^1]).Succeeded);
        Assert.False(Open(binding, [.. release, 0]).Succeeded);
        Assert.False(Open(binding, []).Succeeded);
    }

    [Fact]
    public void A_release_for_another_worker_is_refused()
    {
        ReleaseBinding binding = BindingOfAll();
        using HpkePrivateKey other = HpkePrivateKey.Generate(MachineEntropy.Instance);
        Assert.Equal(
            FailureKind.Integrity,
            StageRelease.Open(other, binding, _words.Release(binding, _key.PublicKey), new CanonicalPlanBuilder(), _signer).Failure?.Kind);
    }

    [Fact]
    public void A_release_for_another_challenge_is_refused()
    {
        ReleaseBinding binding = BindingOfAll();
        byte[] release = _words.Release(binding, _key.PublicKey);
        ImmutableArray<byte> other = [.. Enumerable.Repeat((byte)9, 32)];
        Assert.All(
            new[]
            {
                binding with { Nonce = other }, binding with { Broker = other }, binding with { Owner = other }, binding with { Manifest = other },
                binding with { Job = other }, binding with { Run = new RunId(8) }, binding with { Inputs = other },
                binding with { Epoch = new KeyEpoch(1) }, binding with { Stages = binding.Stages[..1] }, binding with { SigningKey = other },
            },
            changed => Assert.False(Open(changed, release).Succeeded, changed.ToString()));
    }

    [Fact]
    public void A_task_of_another_run_or_input_than_the_keys_is_refused()
    {
        // Anybody can seal a task to a worker's key: the keys decide what it has to be about.
        ReleaseBinding binding = BindingOfAll();
        Assert.All(
            new[] { _words.Task(new RunId(8)), _words.Task() with { Inputs = [.. Enumerable.Repeat((byte)9, 32)] } },
            task => Assert.Equal(FailureKind.Integrity, Open(binding, _words.Release(binding, _key.PublicKey, task)).Failure?.Kind));
    }

    [Fact]
    public void Whoever_has_the_public_key_can_seal_a_task_to_it_and_what_is_malformed_is_refused_all_the_same()
    {
        // A host knows the public key of the greeting: what is inside is checked even when the seal is good.
        ReleaseBinding binding = BindingOfAll();
        FieldReader release = new(_words.Release(binding, _key.PublicKey));
        byte[] info = [.. "culvert v1 task\0"u8, .. binding.ReportData()];
        using Secret inside = Hpke.Open(_key, info, [], release.Part(1 << 20)).Value;
        byte[] bundles = release.Take(release.Left).ToArray();
        byte[] bytes = inside.Bytes.ToArray();
        byte[] Resealed(byte[] task)
        {
            System.Buffers.ArrayBufferWriter<byte> writer = new();
            writer.Part(Hpke.Seal(_key.PublicKey, info, [], task, MachineEntropy.Instance));
            return [.. writer.WrittenSpan, .. bundles];
        }

        foreach (int length in Enumerable.Range(1, bytes.Length - 1))
        {
            Assert.False(Open(binding, Resealed(bytes[..length])).Succeeded, $"cut at {length}");
        }

        Assert.False(Open(binding, Resealed([.. bytes, 0])).Succeeded);
        int planAt = bytes.AsSpan().IndexOf(_words.Plan.WriteCanonical());
        for (int at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 0x80;
            Outcome<WorkerSetup> opened = Open(binding, Resealed(bytes));
            bytes[at] ^= 0x80;
            if (at == 0 || (at >= planAt - sizeof(int) && at < planAt + _words.Plan.WriteCanonical().Length))
            {
                Assert.False(opened.Succeeded, $"byte {at}");
            }

            if (opened.Succeeded)
            {
                opened.Value.Dispose();
            }
        }
    }

    private static string Hex(Secret key) => Convert.ToHexString(key.Bytes);

    private ReleaseBinding BindingOfAll() => _words.Binding(_key.PublicKey, _words.Plan.Stages.Select(stage => stage.Id));

    private Outcome<WorkerSetup> Open(ReleaseBinding binding, byte[] release) =>
        StageRelease.Open(_key, binding, release, new CanonicalPlanBuilder(), _signer);
}
