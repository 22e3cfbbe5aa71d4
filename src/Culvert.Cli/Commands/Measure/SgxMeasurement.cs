using System.Diagnostics;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Cli.Commands.Attest;
using Culvert.Engine;

namespace Culvert.Cli.Commands.Measure;

/// <summary>
/// What an SGX enclave under Gramine is measured as: the manifest is written, and MRENCLAVE taken from Gramine's own tool where
/// it is installed, since its layout of an enclave differs from version to version.
/// </summary>
internal static class SgxMeasurement
{
    private const string ManifestName = "culvert.manifest";
    private const string SignTool = "gramine-sgx-sign";
    private const string KeyTool = "gramine-sgx-gen-private-key";

    /// <summary>Where a SIGSTRUCT holds ENCLAVEHASH (Intel SDM volume 3D, table 38-19), and its length.</summary>
    private const int EnclaveHashOffset = 960;
    private const int EnclaveHashBytes = 32;
    private const int SigstructBytes = 1808;

    /// <summary>Writes the manifest into a folder, beside the program's files, and adds what can be computed.</summary>
    internal static MeasurementDocument Of(MeasureRequest request, MeasuredProgram program, string folder)
    {
        Outcome<GuestImage> guest = GuestImage.Of(program.Image, program.Executable, request.System, first: null);
        if (!guest.Succeeded)
        {
            throw new CommandFailedException(ExitCode.Failed, guest.Failure.Message);
        }

        var libraries = guest.Value.SystemFiles.Select(file => (file.Key, (ReadOnlyMemory<byte>)SHA256.HashData(File.ReadAllBytes(file.Value))));
        string manifest = GramineManifest.Write(program.Image.Files.Value, program.Executable, libraries, GramineSize.Standard);
        File.WriteAllText(Path.Join(folder, ManifestName), manifest);
        MeasurementDocument document = program.Describe(request.Tee);
        document = document with
        {
            Settings =
            [
                .. document.Settings,
                ("manifest", $"sha256 {Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(manifest)))}"),
                ("libraries", $"{guest.Value.SystemFiles.Count} files from {request.System}"),
                .. GuestMeasurement.Lacking(guest.Value),
            ],
        };
        MachineTools tools = new();
        if (!tools.Has(SignTool) || !tools.Has(KeyTool))
        {
            return document with
            {
                Missing = document.Missing.SetItem("mrenclave", $"MRENCLAVE covers Gramine's loader, and {SignTool} is not installed; the manifest is written, so run measure where Gramine 1.6 or newer is"),
            };
        }

        if (!Directory.Exists(Path.Join(folder, GuestImage.ProgramFolder)))
        {
            program.CopyTo(Path.Join(folder, GuestImage.ProgramFolder));
        }

        return document with { Values = document.Values.SetItem("mrenclave", Convert.ToHexStringLower(Sign(folder))) };
    }

    /// <summary>ENCLAVEHASH of a signature structure.</summary>
    internal static byte[] EnclaveHash(ReadOnlySpan<byte> sigstruct) => sigstruct.Length == SigstructBytes
        ? sigstruct.Slice(EnclaveHashOffset, EnclaveHashBytes).ToArray()
        : throw new CommandFailedException(ExitCode.Failed, $"{SignTool} wrote a signature of {sigstruct.Length} bytes; {SigstructBytes} are expected");

    // The key signs nothing that counts: MRENCLAVE does not depend on it, and MRSIGNER is never accepted alone.
    private static byte[] Sign(string folder)
    {
        Run(folder, KeyTool, "signing-key.pem");
        try
        {
            Run(folder, SignTool, "--manifest", ManifestName, "--output", $"{ManifestName}.sgx", "--key", "signing-key.pem", "--date", "0000-00-00", "--sigfile", "culvert.sig");
            return EnclaveHash(File.ReadAllBytes(Path.Join(folder, "culvert.sig")));
        }
        finally
        {
            File.Delete(Path.Join(folder, "signing-key.pem"));
        }
    }

    private static void Run(string folder, string tool, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        output.Wait();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{tool} failed ({process.ExitCode}): {error.Trim()}");
        }
    }
}
