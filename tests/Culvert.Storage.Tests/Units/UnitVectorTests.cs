using System.Globalization;
using Culvert.Sealing;
using Culvert.Sealing.Tests;

namespace Culvert.Storage.Tests;

public class UnitVectorTests
{
    private const string Format = "unit";

    public static TheoryData<string> Good => [.. Vectors.Names(Format).Where(name => !IsFlaw(name))];

    public static TheoryData<string> Flaws => [.. Vectors.Names(Format).Where(IsFlaw)];

    [Theory]
    [MemberData(nameof(Good))]
    public void A_vector_is_read_as_it_says_and_written_again_byte_for_byte(string name)
    {
        ILookup<string, string> vector = Vectors.Read(Format, name);
        byte[] bytes = Vectors.Hex(vector["bytes"].Single());
        using Reading reading = new(vector);
        switch (vector["kind"].Single())
        {
            case "configuration":
                StoreConfiguration configuration = StoreConfiguration.TryRead(bytes, reading.Keys.Owner).Value;
                Assert.Equal(vector["digest"].Single(), configuration.Digest.ToString());
                Assert.Equal(vector["clouds"].Single(), string.Join(' ', configuration.Clouds.Select(cloud => cloud.Name)));
                Assert.Equal((1L, 1, 1), (configuration.Number, configuration.Quorum.Faults, configuration.Readers.Count));
                Assert.Equal(bytes[..^64], configuration.Sign(reading.Keys.Signing).Bytes[..^64].ToArray());
                break;
            case "metadata":
                UnitMetadata record = reading.Metadata(bytes).Value;
                Assert.Equal(vector["digest"].Single(), record.Version.Digest.ToString());
                Assert.Equal(vector["previous"].Single(), record.Previous.ToString());
                Assert.Equal(vector["counter"].Single(), record.Counter.ToString(CultureInfo.InvariantCulture));
                Assert.Equal(vector["unit"].Single(), record.Unit.Text);
                Assert.Equal(vector["versions"].Single(), record.IsTombstone ? "0" : string.Join(' ', record.Versions.Select(version => version.Number)));
                Assert.Equal(bytes[..^64], record.Sign(reading.Keys.Signing).Bytes[..^64].ToArray());
                break;
            case "descriptor":
                ValueDescriptor descriptor = ValueDescriptor.TryRead(bytes).Value;
                Assert.Equal(vector["digest"].Single(), descriptor.Digest.ToString());
                Assert.Equal(vector["chunks"].Single(), descriptor.Chunks.ToString(CultureInfo.InvariantCulture));
                Assert.Equal(bytes, descriptor.Freeze().Bytes.ToArray());
                if (descriptor.KeyMode == UnitKeyMode.Shared)
                {
                    using ValueKey key = ValueKey.Of(descriptor.Value, UnitKeyMode.Shared, new Quorum(1), Vectors.Hex(vector["key-material"].Single()));
                    Assert.Equal(descriptor.Commitments, key.Commitments());
                    Assert.Equal(vector["shares"].Single(), string.Join(' ', Enumerable.Range(0, 4).Select(slot => Convert.ToHexStringLower(key.Share(slot)))));
                }

                break;
            default:
                Lease lease = Lease.TryRead(bytes, reading.Store, reading.SignerOf).Value;
                Assert.Equal(vector["name"].Single(), lease.ObjectName);
                Assert.Equal(bytes[..^64], lease.Sign(reading.Store, reading.Keys.Signing)[..^64]);
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public void A_vector_with_a_flaw_is_refused_for_that_flaw(string name)
    {
        ILookup<string, string> vector = Vectors.Read(Format, name);
        byte[] bytes = Vectors.Hex(vector["bytes"].Single());
        using Reading reading = new(vector);
        Failure? refused = vector["kind"].Single() switch
        {
            "configuration" => StoreConfiguration.TryRead(bytes, reading.Keys.Owner).Failure,
            "metadata" => reading.Metadata(bytes).Failure,
            "descriptor" => ValueDescriptor.TryRead(bytes).Failure,
            _ => Lease.TryRead(bytes, reading.Store, reading.SignerOf).Failure,
        };
        Assert.Equal(vector["expect"].Single(), refused?.Message);
    }

    [Fact]
    public void No_cut_and_no_flipped_bit_of_a_record_is_taken()
    {
        ILookup<string, string> vector = Vectors.Read(Format, "metadata-second");
        byte[] bytes = Vectors.Hex(vector["bytes"].Single());
        using Reading reading = new(vector);
        for (int at = 0; at < bytes.Length; at++)
        {
            Assert.False(reading.Metadata(bytes[..at]).Succeeded);
            byte[] flipped = [.. bytes];
            flipped[at] ^= (byte)(1 << (at % 8));
            Assert.False(reading.Metadata(flipped).Succeeded);
        }
    }

    [Theory]
    [InlineData("reports/2026", "reports_2f2026")]
    [InlineData("A_b.c", "_41_5fb_2ec")]
    [InlineData("..", "_2e_2e")]
    [InlineData("ä", "_c3_a4")]
    public void A_name_is_encoded_and_decoded(string name, string encoded)
    {
        Assert.Equal(encoded, UnitName.TryParse(name).Value.Encoded);
        Assert.Equal(name, UnitName.Decode(encoded)?.Text);
    }

    [Theory]
    [InlineData("A")] // would be _41
    [InlineData("_4")]
    [InlineData("_4G")]
    [InlineData("_61")] // is a
    [InlineData("_C3_A4")]
    [InlineData("_00")]
    [InlineData("")]
    public void A_name_that_no_client_encodes_so_is_none(string encoded) => Assert.Null(UnitName.Decode(encoded));

    private static bool IsFlaw(string name) => Vectors.Read(Format, name).Contains("expect");

    private sealed class Reading : IDisposable
    {
        private readonly Secret _secret;

        internal Reading(ILookup<string, string> vector)
        {
            _secret = Secret.CopyOf(Vectors.Hex(vector["owner-secret"].Single()));
            Keys = StoreKeys.OfOwner(_secret);
            Store = new StoreId(UInt128.Parse(vector["store"].Single(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        }

        internal StoreKeys Keys { get; }

        internal StoreId Store { get; }

        internal VerifyingKey? SignerOf(UInt128 id) => id == Keys.Owner.Id ? Keys.Owner : null;

        internal Outcome<UnitMetadata> Metadata(byte[] bytes) => UnitMetadata.TryRead(bytes, Store, SignerOf);

        public void Dispose()
        {
            Keys.Dispose();
            _secret.Dispose();
        }
    }
}
