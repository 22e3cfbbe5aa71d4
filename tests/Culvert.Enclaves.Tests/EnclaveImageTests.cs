namespace Culvert.Enclaves.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class EnclaveImageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-image-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_digest_is_of_names_and_contents_of_what_decides_the_run()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "native"));
        Write("b.dll", "abc");
        Write("native/a.so", "");
        Write("b.pdb", "symbols decide nothing");
        Write("b.xml", "documentation neither");
        EnclaveImage image = new(_folder);

        Assert.Equal(["b.dll", "native/a.so"], image.Files.Value.Select(file => file.Name));
        Assert.Equal("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", Convert.ToHexString(image.Files.Value[0].Sha256.Span));

        byte[] before = Digest();
        Assert.Equal(before, Digest());
        Write("b.runtimeconfig.json", "{}");
        Assert.NotEqual(before, Digest());
    }

    [Theory]
    [InlineData("b.runtimeconfig.dev.json")]    // names folders to load from
    [InlineData("appsettings.json")]
    [InlineData("b.dll.config")]
    [InlineData("b.exe")]                       // loaded from a folder without b.deps.json
    [InlineData("lib.so.1.2")]
    [InlineData("lua5.4")]                      // a native library may have any name
    [InlineData("x.dylib")]
    [InlineData("x.DLL")]
    [InlineData("x.PDB")]
    [InlineData(".hidden")]
    [InlineData("de/b.resources.dll")]
    public void Any_file_that_is_added_changes_the_digest(string name)
    {
        Write("b.dll", "abc");
        byte[] before = Digest();

        Write(name, "");

        Assert.NotEqual(before, Digest());
    }

    [Fact]
    public void A_file_that_moves_changes_the_digest()
    {
        Write("a/x.dll", "abc");
        byte[] before = Digest();
        Directory.Move(Path.Combine(_folder, "a"), Path.Combine(_folder, "b"));

        Assert.NotEqual(before, Digest());
    }

    [Theory]
    [InlineData("x.dll")]
    [InlineData("folder")]
    public void A_symbolic_link_is_refused(string name)
    {
        Write("b.dll", "abc");
        File.CreateSymbolicLink(Path.Combine(_folder, name), name == "folder" ? Path.GetTempPath() : "b.dll");

        Failure? failure = new EnclaveImage(_folder).Digest().Failure;

        Assert.Equal(FailureKind.Malformed, failure?.Kind);
        Assert.Contains($"{name} in {_folder} is a symbolic link", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_has_no_image() =>
        Assert.Equal(FailureKind.Io, new EnclaveImage(Path.Combine(_folder, "nowhere")).Digest().Failure?.Kind);

    private byte[] Digest() => new EnclaveImage(_folder).Digest().Value.ToArray();

    private void Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
