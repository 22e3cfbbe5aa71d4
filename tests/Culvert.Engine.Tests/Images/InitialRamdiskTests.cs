using System.Security.Cryptography;
using System.Text;

namespace Culvert.Engine.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class InitialRamdiskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-ramdisk-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        byte[] ramdisk = Make(RamdiskEntry.Link("b/init", "../a"), File("a", "abc"));

        Assert.Equal(
            "070701" + "00000001" + "000081ED" + "00000000" + "00000000" + "00000001" + "00000000" + "00000003" + "00000000" + "00000000" + "00000000" + "00000000" + "00000002" + "00000000" + "a\0" + "abc\0"
            + "070701" + "00000002" + "000041ED" + "00000000" + "00000000" + "00000001" + "00000000" + "00000000" + "00000000" + "00000000" + "00000000" + "00000000" + "00000002" + "00000000" + "b\0"
            + "070701" + "00000003" + "0000A1FF" + "00000000" + "00000000" + "00000001" + "00000000" + "00000004" + "00000000" + "00000000" + "00000000" + "00000000" + "00000007" + "00000000" + "b/init\0" + "\0\0\0" + "../a"
            + "070701" + "00000000" + "00000000" + "00000000" + "00000000" + "00000001" + "00000000" + "00000000" + "00000000" + "00000000" + "00000000" + "00000000" + "0000000B" + "00000000" + "TRAILER!!!\0" + "\0\0\0",
            Encoding.ASCII.GetString(ramdisk));
    }

    [Fact]
    public void Order_times_and_rights_of_the_files_change_nothing()
    {
        byte[] before = Make(File("a", "abc"), File("c/b", "d"));
        System.IO.File.SetLastWriteTimeUtc(Path.Combine(_folder, "a"), DateTime.UnixEpoch);
        System.IO.File.SetUnixFileMode(Path.Combine(_folder, "a"), UnixFileMode.UserRead);

        Assert.Equal(before, Make(RamdiskEntry.File("c/b", Path.Combine(_folder, "c/b")), RamdiskEntry.File("a", Path.Combine(_folder, "a"))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/../../b")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("TRAILER!!!")]
    public void A_name_that_leads_elsewhere_is_refused(string name) =>
        Assert.Equal(FailureKind.Malformed, InitialRamdisk.Write(new MemoryStream(), [RamdiskEntry.Folder(name)])?.Kind);

    [Fact]
    public void A_name_is_there_once() =>
        Assert.Equal(FailureKind.Malformed, InitialRamdisk.Write(new MemoryStream(), [RamdiskEntry.Link("a", "b"), RamdiskEntry.Link("a", "c")])?.Kind);

    [Fact]
    public void A_real_program_goes_in_with_its_loader_and_libraries()
    {
        string program = Path.Combine(_folder, "program");
        Directory.CreateDirectory(program);
        System.IO.File.Copy("/bin/true", Path.Combine(program, "true"));
        GuestImage image = GuestImage.Of(new Enclaves.EnclaveImage(program), "true", "/", first: null).Value;

        string[] names = [.. image.Entries.Select(entry => entry.Name)];
        Assert.Contains("culvert/true", names);
        Assert.Contains("init", names);
        Assert.Contains("dev/console", names);
        Assert.Contains("lib64/ld-linux-x86-64.so.2", image.SystemFiles.Keys);
        Assert.Contains(image.SystemFiles.Keys, name => name.EndsWith("/libc.so.6", StringComparison.Ordinal));
        Assert.Empty(image.Missing);

        byte[] ramdisk = Make([.. image.Entries]);
        Assert.Equal(SHA256.HashData(ramdisk), SHA256.HashData(Make([.. image.Entries.Reverse()])));
        Assert.Equal(FailureKind.Missing, GuestImage.Of(new Enclaves.EnclaveImage(program), "false", "/", first: null).Failure?.Kind);
        Assert.Equal(FailureKind.Missing, GuestImage.Of(new Enclaves.EnclaveImage(program), "true", _folder, first: null).Failure?.Kind);
    }

    [Fact]
    public void What_is_needed_is_what_the_system_tells()
    {
        byte[] bytes = System.IO.File.ReadAllBytes("/bin/true");
        ElfFile file = ElfFile.Read(bytes).Value;

        Assert.Equal("/lib64/ld-linux-x86-64.so.2", file.Interpreter);
        Assert.Equal(["libc.so.6"], file.Needed);
        for (int at = 0; at < 64; at++)
        {
            byte[] broken = [.. bytes];
            broken[at] ^= 0xFF;
            _ = ElfFile.Read(broken);
            _ = ElfFile.Read(bytes.AsSpan(0, at));
        }

        Assert.Equal(FailureKind.Mismatch, ElfFile.Read("#!/bin/sh\n"u8).Failure?.Kind);
    }

    private RamdiskEntry File(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
        return RamdiskEntry.File(name, path);
    }

    private static byte[] Make(params RamdiskEntry[] entries)
    {
        using MemoryStream output = new();
        Assert.Null(InitialRamdisk.Write(output, entries));
        return output.ToArray();
    }
}
