using System.Globalization;
using System.Security.Cryptography;

namespace Culvert.Attestation.Tests;

public class SnpLaunchTests
{
    private static readonly Dictionary<string, string> s_expected = VectorFiles.Values("firmware.txt");

    private static readonly KernelHashes s_kernel = KernelHashes.Of("the kernel"u8, "the initial ramdisk"u8, "console=ttyS0");

    public static TheoryData<string> PublishedDigests => [.. VectorFiles.Lines("snp-launch.txt")];

    [Theory]
    [MemberData(nameof(PublishedDigests))]
    public void A_launch_has_the_digest_that_others_expect(string line)
    {
        string[] parts = [.. line.Split('|').Select(part => part.Trim())];
        SnpLaunch launch = new(
            int.Parse(parts[3], CultureInfo.InvariantCulture),
            SnpProcessorType.Find("EPYC-v4")!.Value,
            parts[4] == "none" ? null : KernelHashes.Of([], [], parts[5]),
            ulong.Parse(parts[2], CultureInfo.InvariantCulture),
            parts[1] switch { "qemu" => SnpMonitor.Qemu, "qemu-early" => SnpMonitor.QemuEarly, _ => SnpMonitor.Ec2 });

        Outcome<byte[]> digest = SnpLaunchDigest.Of(PublishedFirmware(parts[0]), Convert.FromHexString(parts[6]), launch);

        Assert.Equal(parts[7], Convert.ToHexStringLower(digest.Value));
    }

    [Fact]
    public void Firmware_is_read_and_measured_as_specified()
    {
        byte[] image = MadeFirmware.Make();
        Assert.Equal(s_expected["image"], Convert.ToHexStringLower(SHA256.HashData(image)));

        SnpFirmware firmware = SnpFirmware.Read(image).Value;

        Assert.Equal((0x80b004u, 0x810c00u, true), (firmware.ResetAddress, firmware.HashTableAddress, firmware.ChecksKernel));
        Assert.Equal(6, firmware.Sections.Length);
        Assert.Equal(s_expected["snp-firmware"], Convert.ToHexStringLower(SnpLaunchDigest.FirmwareDigest(image)));
        uint milan = SnpProcessorType.Find("EPYC-Milan")!.Value;
        Assert.Equal(s_expected["snp-2-milan"], Hex(SnpLaunchDigest.Of(firmware, new SnpLaunch(2, milan, s_kernel))));
        Assert.Equal(s_expected["snp-1-no-kernel"], Hex(SnpLaunchDigest.Of(firmware, new SnpLaunch(1, milan, null))));
    }

    [Fact]
    public void Whatever_is_booted_or_how_many_processors_there_are_changes_the_digest()
    {
        SnpFirmware firmware = SnpFirmware.Read(MadeFirmware.Make()).Value;
        SnpLaunch launch = new(2, 0xa00f11, s_kernel);
        SnpLaunch[] launches =
        [
            launch,
            launch with { Processors = 3 },
            launch with { ProcessorSignature = 0xa10f10 },
            launch with { Features = 5 },
            launch with { Monitor = SnpMonitor.QemuEarly },
            launch with { Kernel = null },
            launch with { Kernel = KernelHashes.Of("the kernel."u8, "the initial ramdisk"u8, "console=ttyS0") },
            launch with { Kernel = KernelHashes.Of("the kernel"u8, "the initial ramdisk."u8, "console=ttyS0") },
            launch with { Kernel = KernelHashes.Of("the kernel"u8, "the initial ramdisk"u8, "console=ttyS1") },
        ];

        Assert.Equal(launches.Length, launches.Select(each => Hex(SnpLaunchDigest.Of(firmware, each))).Distinct().Count());
    }

    [Fact]
    public void A_kernel_that_the_firmware_would_not_check_is_refused()
    {
        SnpFirmware firmware = SnpFirmware.Read(MadeFirmware.Make(hashTable: 0)).Value;

        Outcome<byte[]> digest = SnpLaunchDigest.Of(firmware, new SnpLaunch(1, 0xa00f11, s_kernel));

        Assert.Equal(FailureKind.Mismatch, digest.Failure?.Kind);
        Assert.Contains("does not check a kernel", digest.Failure?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4097)]
    public void A_guest_has_a_possible_number_of_processors(int processors) =>
        Assert.Equal(FailureKind.Malformed, SnpLaunchDigest.Of(SnpFirmware.Read(MadeFirmware.Make()).Value, new SnpLaunch(processors, 0xa00f11, null)).Failure?.Kind);

    [Theory]
    [InlineData("EPYC", 0x800f12u)]
    [InlineData("EPYC-v4", 0x800f12u)]
    [InlineData("EPYC-Rome", 0x830f10u)]
    [InlineData("EPYC-Milan-v2", 0xa00f11u)]
    [InlineData("EPYC-Genoa", 0xa10f10u)]
    [InlineData("EPYC-Turin", 0xb00f00u)]
    public void A_processor_type_has_its_signature(string name, uint signature) => Assert.Equal(signature, SnpProcessorType.Find(name));

    [Theory]
    [InlineData("host")]
    [InlineData("EPYC-v")]
    [InlineData("epyc")]
    [InlineData("-v1")]
    [InlineData("")]
    public void A_processor_type_that_is_not_known_has_none(string name) => Assert.Null(SnpProcessorType.Find(name));

    private static string Hex(Outcome<byte[]> digest) => Convert.ToHexStringLower(digest.Value);

    // What the sources' firmware asks for: their images are not here, and need not be, since their own digests are.
    private static SnpFirmware PublishedFirmware(string source)
    {
        SnpSection[] common =
        [
            new(0x800000, 0x9000, SnpSectionKind.Memory), new(0x80a000, 0x3000, SnpSectionKind.Memory),
            new(0x80d000, 0x1000, SnpSectionKind.Secrets), new(0x80e000, 0x1000, SnpSectionKind.ProcessorFeatures),
        ];
        return source switch
        {
            "A" => new SnpFirmware(default, [.. common, new(0x80f000, 0x1000, SnpSectionKind.KernelHashes), new(0x810000, 0x10000, SnpSectionKind.Memory)], 0x80b004, 0x80fc00),
            "B" => new SnpFirmware(default, [.. common, new(0x80f000, 0x1000, SnpSectionKind.CallingArea), new(0x810000, 0x1000, SnpSectionKind.KernelHashes), new(0x811000, 0xf000, SnpSectionKind.Memory)], 0x80b004, 0x810c00),
            _ => new SnpFirmware(default, [.. common, new(0x80f000, 0x11000, SnpSectionKind.Memory)], 0x80b004, 0),
        };
    }
}
