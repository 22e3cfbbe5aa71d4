using System.Globalization;

namespace Culvert.Enclaves.Simulation;

/// <summary>
/// The whole environment of an enclave's process: written here, never inherited, so that no variable of the host (DOTNET_*,
/// startup hooks, profilers, LD_*) decides what runs.
/// </summary>
internal static class EnclaveEnvironment
{
    private const string Root = "DOTNET_ROOT";
    private const string HeapLimit = "DOTNET_GCHeapHardLimit";

    internal static string[] For(long? heapBytesMax)
    {
        List<string> variables =
        [
            // No debugger, no profiler, no event pipe: they must be off before the runtime starts.
            "DOTNET_EnableDiagnostics=0",

            // Compiled code is written where it runs. Its own writable view of it would need new shared memory for each
            // piece, and the system call for that is closed.
            "DOTNET_EnableWriteXorExecute=0",

            // OpenSSL reads no configuration, which could load code.
            "OPENSSL_CONF=",
        ];
        if (RuntimeRoot is string root)
        {
            variables.Add($"{Root}={root}");
        }

        if (heapBytesMax is long bytes)
        {
            variables.Add(string.Create(CultureInfo.InvariantCulture, $"{HeapLimit}=0x{bytes:X}"));
        }

        return [.. variables];
    }

    /// <summary>The same again, from what this process was started with.</summary>
    internal static string[] Again() =>
        For(Environment.GetEnvironmentVariable(HeapLimit) is ['0', 'x', .. string digits]
            && long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long bytes) ? bytes : null);

    /// <summary>Where .NET is installed; null when the program brings its own.</summary>
    internal static string? RuntimeRoot
    {
        get
        {
            string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
            string? shared = Path.GetDirectoryName(Path.GetDirectoryName(runtime));
            return Path.GetFileName(shared) == "shared" ? Path.GetDirectoryName(shared) : null;
        }
    }
}
