using System.Security.Cryptography;
using System.Text;

namespace Culvert.Sealing.Tests;

/// <summary>RFC 9180's vectors, and one per mode of our own suite that another implementation made.</summary>
public sealed class HpkeVectorTests
{
    public static TheoryData<string> Whole => [.. Vectors.Names("hpke").Where(name => !name.StartsWith("accumulated", StringComparison.Ordinal))];

    public static TheoryData<string> Accumulated => [.. Vectors.Names("hpke").Where(name => name.StartsWith("accumulated", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Whole))]
    public void Keys_are_derived_as_the_vector_says(string name)
    {
        Vector vector = new(name);
        using HpkePrivateKey ephemeral = HpkePrivateKey.Derive(vector.Bytes("ikmE"));

        Assert.Equal(vector["skRm"], Hex(vector.Receiver.Scalar));
        Assert.Equal(vector["pkRm"], vector.Receiver.PublicKey.ToString());
        Assert.Equal(vector["skEm"], Hex(ephemeral.Scalar));
        Assert.Equal(vector["pkEm"], ephemeral.PublicKey.ToString());
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void Encapsulation_and_key_schedule_are_those_of_the_vector(string name)
    {
        Vector vector = new(name);
        (Secret shared, HpkePublicKey encapsulation) = HpkeKem.Encapsulate(vector.Receiver.PublicKey, new FixedEntropy(vector.Bytes("ikmE")));
        using Secret found = HpkeKem.Decapsulate(encapsulation, vector.Receiver);
        using HpkeSender sender = vector.Sender();
        using HpkeReceiver receiver = vector.Receiving();

        Assert.Equal(vector["enc"], encapsulation.ToString());
        Assert.Equal(vector["shared_secret"], Hex(shared.Bytes));
        Assert.Equal(vector["shared_secret"], Hex(found.Bytes));
        foreach (HpkeContext context in (HpkeContext[])[sender.Context, receiver.Context])
        {
            Assert.Equal(vector["key"], Hex(context.Key.Bytes));
            Assert.Equal(vector["base_nonce"], Hex(context.BaseNonce.Bytes));
            Assert.Equal(vector["exporter_secret"], Hex(context.Exporter.Bytes));
        }
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void Messages_are_sealed_and_opened_in_sequence(string name)
    {
        Vector vector = new(name);
        using HpkeSender sender = vector.Sender();
        using HpkeReceiver receiver = vector.Receiving();
        Dictionary<ulong, string[]> known = vector.All("seal").Select(line => line.Split(' ')).ToDictionary(parts => ulong.Parse(parts[0]));
        byte[] plaintext = vector.Bytes("pt");
        ulong last = known.Keys.Max();

        for (ulong sequence = 0; sequence <= last; sequence++)
        {
            byte[] aad = Encoding.ASCII.GetBytes($"Count-{sequence}");
            byte[] ciphertext = sender.Seal(aad, plaintext);
            if (known.Remove(sequence, out string[]? parts))
            {
                Assert.Equal(parts[1], Hex(aad));
                Assert.Equal(parts[2], Hex(ciphertext));
            }

            using Secret opened = receiver.Open(aad, ciphertext).Value;
            Assert.Equal(plaintext, opened.Bytes);
        }

        Assert.Empty(known);
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void Both_ends_export_the_same_secrets(string name)
    {
        Vector vector = new(name);
        using HpkeSender sender = vector.Sender();
        using HpkeReceiver receiver = vector.Receiving();

        Assert.All(vector.All("export").Select(line => line.Split(' ')), parts =>
        {
            using Secret sent = sender.Export(Vectors.Hex(parts[0]), 32);
            using Secret received = receiver.Export(Vectors.Hex(parts[0]), 32);
            Assert.Equal(parts[1], Hex(sent.Bytes));
            Assert.Equal(parts[1], Hex(received.Bytes));
        });
    }

    /// <summary>
    /// Each aad, plaintext and exporter context is drawn from SHAKE128 of nothing: one byte for its length, then so many
    /// bytes. Ciphertexts (and exports, the i-th of i bytes) are hashed by SHAKE128 to 16 bytes.
    /// </summary>
    [Theory]
    [MemberData(nameof(Accumulated))]
    public void A_thousand_messages_and_exports_have_the_digest_that_the_vector_says(string name)
    {
        Assert.SkipUnless(Shake128.IsSupported, "the platform has no SHAKE128");
        Vector vector = new(name);
        using HpkeSender sender = vector.Sender();
        Assert.Equal(vector["enc"], sender.Encapsulation.ToString());

        using Shake128 messages = new();
        Drawn source = new();
        for (int i = 0; i < 1000; i++)
        {
            byte[] aad = source.Next();
            byte[] plaintext = source.Next();
            byte[] ciphertext = new byte[plaintext.Length + HpkeContext.TagBytes];
            sender.Context.Seal(aad, plaintext, ciphertext);
            messages.AppendData(ciphertext);
        }

        using Shake128 exports = new();
        Drawn contexts = new();
        for (int length = 0; length < 1000; length++)
        {
            byte[] context = contexts.Next();
            if (length > 0)
            {
                using Secret exported = sender.Export(context, length);
                exports.AppendData(exported.Bytes);
            }
        }

        Assert.Equal(vector["encryptions_accumulated"], Hex(messages.GetHashAndReset(16)));
        Assert.Equal(vector["exports_accumulated"], Hex(exports.GetHashAndReset(16)));
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    /// <summary>Inputs of 0 to 255 bytes; 2,000 of them at most.</summary>
    private sealed class Drawn
    {
        private readonly byte[] _stream = Shake128.HashData([], 2000 * 256);
        private int _at;

        public byte[] Next()
        {
            int length = _stream[_at];
            byte[] next = _stream[(_at + 1)..(_at + 1 + length)];
            _at += 1 + length;
            return next;
        }
    }

    private sealed class Vector
    {
        private readonly ILookup<string, string> _values;

        public Vector(string name)
        {
            _values = Vectors.Read("hpke", name);
            Receiver = HpkePrivateKey.Derive(Bytes("ikmR"));
        }

        public string this[string name] => Assert.Single(_values[name]);

        public HpkePrivateKey Receiver { get; }

        private HpkeAead Aead => (HpkeAead)int.Parse(this["aead_id"]);

        private HpkePsk? Psk => this["mode"] == "1" ? new HpkePsk(Secret.CopyOf(Bytes("psk")), Bytes("psk_id")) : null;

        public byte[] Bytes(string name) => Vectors.Hex(this[name]);

        public IEnumerable<string> All(string name)
        {
            Assert.NotEmpty(_values[name]);
            return _values[name];
        }

        public HpkeSender Sender() => HpkeSender.Create(Receiver.PublicKey, Bytes("info"), new FixedEntropy(Bytes("ikmE")), Psk, Aead);

        public HpkeReceiver Receiving() => HpkeReceiver.Create(Receiver, Bytes("enc"), Bytes("info"), Psk, Aead).Value;
    }
}
