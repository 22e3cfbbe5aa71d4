using System.Security.Cryptography;

namespace Culvert.Attestation.Tests;

public class FirmwareTests
{
    /// <summary>Debian 12's package ovmf, 2022.11-6+deb12u2.</summary>
    private const string DebianFirmware = "/usr/share/ovmf/OVMF.fd";
    private const string DebianSha256 = "7b456907dd0786d415999e801a1ac4637b8ed4d7cf5378cfc6edbe5e574dd773";

    [Fact]
    public void Real_firmware_of_Debian_is_read_and_measured()
    {
        if (!File.Exists(DebianFirmware) || Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(DebianFirmware))) != DebianSha256)
        {
            Assert.Skip("Debian's ovmf 2022.11-6+deb12u2 is not installed (apt-get install ovmf)");
        }

        byte[] image = File.ReadAllBytes(DebianFirmware);
        SnpFirmware snp = SnpFirmware.Read(image).Value;
        TdxFirmware tdx = TdxFirmware.Read(image).Value;

        // Computed by another program, which also gives all that tests/vectors/measurement/snp-launch.txt expects.
        Assert.False(snp.ChecksKernel);
        Assert.Equal(
            "89d03389c4d237f6cb40ebd9be6ff41af8ff6b151604576eaa742c4541a3c109f7db7e3f00162bec4b4f045bb3fb389a",
            Convert.ToHexStringLower(SnpLaunchDigest.Of(snp, new SnpLaunch(4, 0xa00f11, null, Monitor: SnpMonitor.QemuEarly)).Value));
        Assert.Equal(
            "4c7206f0f483c524f12c366c711e9049030a8d47c471ee5aa9c4999a08de4057fb887fed0744d5631a212967fb231c47",
            Convert.ToHexStringLower(TdxMeasurement.Mrtd(tdx, TdxPageOrder.PageByPage)));
        Assert.Equal(
            "acccbcc870a381adab0d3919d90a7f268ac3b0364771f202ed4bb4e892d045b33db3b32e6924cba830a724eed443f7e1",
            Convert.ToHexStringLower(TdxMeasurement.Mrtd(tdx, TdxPageOrder.SectionBySection)));
    }

    [Fact]
    public void Firmware_without_metadata_for_a_platform_is_told_so()
    {
        Assert.Contains("no metadata for SEV-SNP", SnpFirmware.Read(MadeFirmware.Make(hasSev: false)).Failure?.Message, StringComparison.Ordinal);
        Assert.Contains("no metadata for TDX", TdxFirmware.Read(MadeFirmware.Make(hasTdx: false)).Failure?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4095)]
    [InlineData(5000)]
    public void An_image_is_whole_pages(int bytes) => Assert.Equal(FailureKind.Malformed, SnpFirmware.Read(new byte[bytes]).Failure?.Kind);

    [Fact]
    public void A_file_without_a_table_is_no_firmware() => Assert.Equal(FailureKind.Missing, TdxFirmware.Read(new byte[8192]).Failure?.Kind);

    [Theory]
    [InlineData(MadeFirmware.SevFromEnd, 0)]            // the signature
    [InlineData(MadeFirmware.SevFromEnd, 8)]            // the version
    [InlineData(MadeFirmware.SevFromEnd, 13)]           // how many sections
    [InlineData(MadeFirmware.SevFromEnd, 16)]           // an address inside a page
    [InlineData(MadeFirmware.SevFromEnd, 20)]           // a length that is not whole pages
    [InlineData(MadeFirmware.SevFromEnd, 25)]           // a kind that there is not
    public void Broken_metadata_for_sev_is_refused(int fromEnd, int offset)
    {
        byte[] image = MadeFirmware.Make();
        image[MadeFirmware.Bytes - fromEnd + offset] ^= 0x55;

        Assert.Equal(FailureKind.Malformed, SnpFirmware.Read(image).Failure?.Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(13)]
    [InlineData(19)]    // the offset of data
    [InlineData(23)]    // more data than memory
    [InlineData(24)]    // an address inside a page
    [InlineData(39)]    // more memory than there is
    public void Broken_metadata_for_tdx_is_refused(int offset)
    {
        byte[] image = MadeFirmware.Make();
        image[MadeFirmware.Bytes - MadeFirmware.TdxFromEnd + offset] ^= 0x55;

        Assert.Equal(FailureKind.Malformed, TdxFirmware.Read(image).Failure?.Kind);
    }

    [Fact]
    public void Mutated_firmware_is_refused_or_read_and_never_throws()
    {
        byte[] image = MadeFirmware.Make();
        Mutation mutation = new(seed: 7);
        int read = 0;
        int count = Nightly.Count(2_000, 100_000);
        for (int i = 0; i < count; i++)
        {
            // Where tables and metadata are: elsewhere nothing is read.
            byte[] mutated = [.. image];
            byte[] tail = mutation.Of(mutated[^200..]);
            byte[] metadata = mutation.Of(mutated[^MadeFirmware.TdxFromEnd..^(MadeFirmware.TdxFromEnd - 256)]);
            tail.AsSpan(0, Math.Min(200, tail.Length)).CopyTo(mutated.AsSpan(mutated.Length - 200));
            metadata.AsSpan(0, Math.Min(256, metadata.Length)).CopyTo(mutated.AsSpan(mutated.Length - MadeFirmware.TdxFromEnd));
            read += SnpFirmware.Read(mutated).Succeeded || TdxFirmware.Read(mutated).Succeeded ? 1 : 0;
        }

        Assert.InRange(read, 1, count - 1);
    }
}
