using System.Security.Cryptography;

namespace Culvert.Attestation.Tests;

public class TdxMeasurementTests
{
    private static readonly Dictionary<string, string> s_expected = VectorFiles.Values("firmware.txt");

    [Fact]
    public void Mrtd_follows_from_the_firmware_and_the_order_of_its_pages()
    {
        TdxFirmware firmware = TdxFirmware.Read(MadeFirmware.Make()).Value;

        Assert.Equal(6, firmware.Sections.Length);
        Assert.Equal(s_expected["mrtd-page-by-page"], Convert.ToHexStringLower(TdxMeasurement.Mrtd(firmware, TdxPageOrder.PageByPage)));
        Assert.Equal(s_expected["mrtd-section-by-section"], Convert.ToHexStringLower(TdxMeasurement.Mrtd(firmware, TdxPageOrder.SectionBySection)));
    }

    [Fact]
    public void Code_is_in_mrtd_and_what_the_host_may_write_is_not()
    {
        byte[] image = MadeFirmware.Make();
        byte[] mrtd = TdxMeasurement.Mrtd(TdxFirmware.Read(image).Value, TdxPageOrder.PageByPage);
        byte[] code = [.. image];
        code[0x5000] ^= 1;
        byte[] variables = [.. image];
        variables[0x3000] ^= 1;

        Assert.NotEqual(mrtd, TdxMeasurement.Mrtd(TdxFirmware.Read(code).Value, TdxPageOrder.PageByPage));
        Assert.Equal(mrtd, TdxMeasurement.Mrtd(TdxFirmware.Read(variables).Value, TdxPageOrder.PageByPage));
    }

    [Fact]
    public void Rtmr2_follows_from_command_line_and_ramdisk() =>
        Assert.Equal(s_expected["rtmr2"], Convert.ToHexStringLower(TdxMeasurement.Rtmr2("console=ttyS0", "the initial ramdisk"u8)));

    [Fact]
    public void A_register_that_nothing_extends_is_zero() => Assert.Equal(new byte[48], TdxMeasurement.Register());

    [Fact]
    public void A_register_is_extended_in_order()
    {
        byte[] a = SHA384.HashData("a"u8);
        byte[] b = SHA384.HashData("b"u8);

        Assert.Equal(SHA384.HashData([.. SHA384.HashData([.. new byte[48], .. a]), .. b]), TdxMeasurement.Register(a, b));
        Assert.NotEqual(TdxMeasurement.Register(b, a), TdxMeasurement.Register(a, b));
    }
}
