using Culvert.Enclaves;

namespace Culvert.Engine.Tests;

public class GramineManifestTests
{
    private static readonly EnclaveImageFile[] s_image = [new("a.dll", 3, new byte[32]), new("odd \"name\"", 0, new byte[32])];

    [Fact]
    public void Every_measured_file_is_trusted_by_its_digest_and_nothing_is_left_to_the_host()
    {
        string manifest = GramineManifest.Write(s_image, "culvert", [("lib/libc.so.6", new byte[32])], GramineSize.Standard);

        string zeros = new('0', 64);
        Assert.Contains($"{{ uri = \"file:culvert/a.dll\", sha256 = \"{zeros}\" }},", manifest, StringComparison.Ordinal);
        Assert.Contains($"{{ uri = \"file:culvert/odd \\\"name\\\"\", sha256 = \"{zeros}\" }},", manifest, StringComparison.Ordinal);
        Assert.Contains($"{{ uri = \"file:/lib/libc.so.6\", sha256 = \"{zeros}\" }},", manifest, StringComparison.Ordinal);
        Assert.Contains("{ path = \"/lib/libc.so.6\", uri = \"file:/lib/libc.so.6\" },", manifest, StringComparison.Ordinal);
        Assert.Contains("sgx.debug = false", manifest, StringComparison.Ordinal);
        Assert.Contains("sgx.remote_attestation = \"dcap\"", manifest, StringComparison.Ordinal);
        Assert.Contains("sgx.enclave_size = \"0x100000000\"", manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("insecure", manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("passthrough", manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("allowed_files", manifest, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_in_which_libraries_are_found_changes_nothing() => Assert.Equal(
        GramineManifest.Write(s_image, "culvert", [("b", new byte[32]), ("a", new byte[32])], GramineSize.Standard),
        GramineManifest.Write(s_image, "culvert", [("a", new byte[32]), ("b", new byte[32])], GramineSize.Standard));
}
