using System.Globalization;
using System.Text;
using Culvert.Enclaves;

namespace Culvert.Engine;

/// <summary>How large an SGX enclave is.</summary>
/// <param name="EnclaveBytes">Its address space; a power of two.</param>
/// <param name="Threads">Threads that can be inside at once.</param>
/// <param name="HeapBytes">What .NET's heap may take of it.</param>
public sealed record GramineSize(long EnclaveBytes, int Threads, long HeapBytes)
{
    /// <summary>Enough for a stage with some gigabytes of state.</summary>
    public static GramineSize Standard { get; } = new(4L << 30, 64, 2L << 30);
}

/// <summary>
/// The manifest by which Gramine runs a program in an SGX enclave, and which MRENCLAVE covers: the program's files and the
/// system's by SHA-256, a fixed environment and command line, no debugging, DCAP attestation. The same text for the same files.
/// Keys are those of Gramine 1.6 and newer (its "Manifest syntax").
/// </summary>
public static class GramineManifest
{
    /// <summary>Writes the manifest of an image. Paths of the system's files are those in the enclave and on the host.</summary>
    /// <param name="image">The program's files.</param>
    /// <param name="program">The executable's name among them.</param>
    /// <param name="system">Libraries that it needs: their paths, and SHA-256 of their bytes.</param>
    /// <param name="size">How large the enclave is.</param>
    public static string Write(IReadOnlyList<EnclaveImageFile> image, string program, IEnumerable<(string Path, ReadOnlyMemory<byte> Sha256)> system, GramineSize size)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Made by 'culvert measure --tee sgx' (docs/specs/enclave-image.md). MRENCLAVE covers every byte of it.
            # Beside this file, 'culvert' is the folder of the program.
            libos.entrypoint = "/culvert/{Escape(program)}"
            loader.argv = ["/culvert/{Escape(program)}"]
            loader.log_level = "none"
            loader.env.DOTNET_EnableDiagnostics = "0"
            loader.env.DOTNET_EnableWriteXorExecute = "0"
            loader.env.DOTNET_GCHeapHardLimit = "0x{size.HeapBytes:X}"
            loader.env.OPENSSL_CONF = ""
            fs.mounts = [
              {'{'} path = "/culvert", uri = "file:culvert" {'}'},
            """);
        (string Path, ReadOnlyMemory<byte> Sha256)[] sorted = [.. system.OrderBy(file => file.Path, StringComparer.Ordinal)];
        foreach ((string path, _) in sorted)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {{ path = \"/{Escape(path)}\", uri = \"file:/{Escape(path)}\" }},");
        }

        text.Append(CultureInfo.InvariantCulture, $"""

            ]
            sys.disallow_subprocesses = true
            sgx.debug = false
            sgx.edmm_enable = false
            sgx.enclave_size = "0x{size.EnclaveBytes:X}"
            sgx.max_threads = {size.Threads}
            sgx.remote_attestation = "dcap"
            sgx.isvprodid = 0
            sgx.isvsvn = 0
            sgx.trusted_files = [
            """);
        foreach (EnclaveImageFile file in image)
        {
            Trust(text, $"culvert/{file.Name}", file.Sha256);
        }

        foreach ((string path, ReadOnlyMemory<byte> sha256) in sorted)
        {
            Trust(text, $"/{path}", sha256);
        }

        return text.Append("\n]\n").ToString();
    }

    private static void Trust(StringBuilder text, string path, ReadOnlyMemory<byte> sha256) =>
        text.Append(CultureInfo.InvariantCulture, $"\n  {{ uri = \"file:{Escape(path)}\", sha256 = \"{Convert.ToHexStringLower(sha256.Span)}\" }},");

    /// <summary>As TOML's basic strings have it.</summary>
    private static string Escape(string text) => string.Concat(text.Select(c => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        < ' ' or '\u007f' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
        _ => c.ToString(),
    }));
}
