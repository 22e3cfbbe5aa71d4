namespace Culvert.Enclaves.Tests;

public class EnclaveImageTests
{
    [Fact]
    public void The_digest_is_of_names_and_contents_of_what_decides_the_run()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        Directory.CreateDirectory(Path.Combine(folder, "native"));
        File.WriteAllText(Path.Combine(folder, "b.dll"), "abc");
        File.WriteAllText(Path.Combine(folder, "native", "a.so"), "");
        File.WriteAllText(Path.Combine(folder, "b.pdb"), "symbols decide nothing");
        EnclaveImage image = new(folder);

        Assert.Equal(["b.dll", "native/a.so"], image.Files.Value.Select(file => file.Name));
        Assert.Equal("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", Convert.ToHexString(image.Files.Value[0].Sha256.Span));

        byte[] before = image.Digest().Value.ToArray();
        Assert.Equal(before, new EnclaveImage(folder).Digest().Value.ToArray());
        File.WriteAllText(Path.Combine(folder, "b.runtimeconfig.json"), "{}");
        Assert.NotEqual(before, new EnclaveImage(folder).Digest().Value.ToArray());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_folder_that_is_not_there_has_no_image() =>
        Assert.Equal(FailureKind.Io, new EnclaveImage(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())).Digest().Failure?.Kind);
}
