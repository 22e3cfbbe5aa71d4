using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Engine;

namespace Culvert.Cli.Commands.Measure;

/// <summary>What a guest of SEV-SNP or TDX is measured as: its ramdisk is made, and its launch computed from the given parts.</summary>
internal static class GuestMeasurement
{
    private const string RamdiskName = "initrd.cpio";

    /// <summary>Makes the ramdisk in a folder, and adds what can be computed.</summary>
    internal static MeasurementDocument Of(MeasureRequest request, MeasuredProgram program, string folder)
    {
        Outcome<GuestImage> guest = GuestImage.Of(program.Image, program.Executable, request.System, request.Init);
        if (!guest.Succeeded)
        {
            throw new CommandFailedException(ExitCode.Failed, guest.Failure.Message);
        }

        string path = Path.Join(folder, RamdiskName);
        using (FileStream output = File.Create(path))
        {
            if (InitialRamdisk.Write(output, guest.Value.Entries) is { } failure)
            {
                throw new CommandFailedException(ExitCode.Failed, failure.Message);
            }
        }

        byte[] ramdisk = File.ReadAllBytes(path);
        MeasurementDocument document = program.Describe(request.Tee);
        document = document with
        {
            Settings =
            [
                .. document.Settings,
                ("initrd", $"sha256 {Convert.ToHexStringLower(SHA256.HashData(ramdisk))}, {ramdisk.Length.ToString(CultureInfo.InvariantCulture)} bytes"),
                ("initrd libraries", $"{guest.Value.SystemFiles.Count} files from {request.System}"),
                .. Lacking(guest.Value),
                ("initrd first process", request.Init ?? $"{GuestImage.ProgramFolder}/{program.Executable}"),
                ("command line", request.CommandLine),
            ],
        };
        byte[]? kernel = MeasureRequest.Read(request.Kernel, "--kernel");
        byte[]? firmware = MeasureRequest.Read(request.Firmware, "--firmware");
        document = document with { Settings = [.. document.Settings, .. Given("kernel", kernel), .. Given("firmware", firmware)] };
        return request.Tee == EvidenceKind.Tdx
            ? Tdx(document, request, kernel, firmware, ramdisk)
            : Snp(document, request, kernel, firmware, ramdisk);
    }

    /// <summary>What the system that the libraries are from does not have.</summary>
    internal static IEnumerable<(string Name, string Value)> Lacking(GuestImage guest) =>
        guest.Missing.Count == 0 ? [] : [("libraries that are not there", string.Join(", ", guest.Missing))];

    private static IEnumerable<(string Name, string Value)> Given(string name, byte[]? bytes) =>
        bytes is null ? [] : [(name, $"sha256 {Convert.ToHexStringLower(SHA256.HashData(bytes))}")];

    private static MeasurementDocument Snp(MeasurementDocument document, MeasureRequest request, byte[]? kernel, byte[]? firmware, byte[] ramdisk)
    {
        uint signature = SnpProcessorType.Find(request.ProcessorType) ?? throw CommandFailedException.Usage(
            $"--vcpu-type {request.ProcessorType}: not known; there are {string.Join(", ", SnpProcessorType.Names)}, with or without a version such as -v4");
        document = document with
        {
            Settings =
            [
                .. document.Settings,
                ("processors", $"{request.Processors.ToString(CultureInfo.InvariantCulture)} × {request.ProcessorType} ({signature:x})"),
                ("features", $"0x{request.Features:x}"),
                ("monitor", request.Monitor.ToString()),
            ],
        };
        if (kernel is null || firmware is null)
        {
            string[] options = [.. firmware is null ? ["--firmware FILE (an OVMF that checks kernels, as OvmfPkg/AmdSev builds it)"] : Array.Empty<string>(), .. kernel is null ? ["--kernel FILE"] : Array.Empty<string>()];
            return Lacking(document, "measurement", $"the launch is measured with {string.Join(" and ", options)}");
        }

        Outcome<SnpFirmware> read = SnpFirmware.Read(firmware);
        Outcome<byte[]> digest = !read.Succeeded ? read.Failure : SnpLaunchDigest.Of(
            read.Value,
            new SnpLaunch(request.Processors, signature, KernelHashes.Of(kernel, ramdisk, request.CommandLine), request.Features, request.Monitor));
        return digest.Succeeded
            ? Having(document, "measurement", digest.Value)
            : Lacking(document, "measurement", $"{request.Firmware}: {digest.Failure.Message}");
    }

    private static MeasurementDocument Tdx(MeasurementDocument document, MeasureRequest request, byte[]? kernel, byte[]? firmware, byte[] ramdisk)
    {
        document = document with { Settings = [.. document.Settings, ("page order", request.PageOrder.ToString())] };
        if (firmware is null)
        {
            document = Lacking(document, "mrtd", "MRTD is computed from --firmware FILE (an OVMF for TDX, as OvmfPkg/IntelTdx or OvmfPkgX64 build it)");
        }
        else
        {
            Outcome<TdxFirmware> read = TdxFirmware.Read(firmware);
            document = read.Succeeded
                ? Having(document, "mrtd", TdxMeasurement.Mrtd(read.Value, request.PageOrder))
                : Lacking(document, "mrtd", $"{request.Firmware}: {read.Failure.Message}");
        }

        document = kernel is null
            ? Lacking(document, "rtmr2", "the ramdisk is measured when it is booted with --kernel FILE")
            : Having(document, "rtmr2", TdxMeasurement.Rtmr2(request.CommandLine, ramdisk));
        document = Having(document, "rtmr3", TdxMeasurement.Register());
        document = Lacking(document, "rtmr0", "the host makes memory map, ACPI tables and boot variables, which differ with its configuration: take it from a first start that you trust, and give it as --register rtmr0=HEX");
        document = Lacking(document, "rtmr1", "the host alters the kernel's header by the memory it gives: take it from a first start that you trust, and give it as --register rtmr1=HEX");
        foreach ((string name, string value) in request.Registers)
        {
            document = Having(document, name, Convert.FromHexString(value)) with { Settings = [.. document.Settings, (name, "as given")] };
        }

        return document;
    }

    private static MeasurementDocument Having(MeasurementDocument document, string name, byte[] value) => document with
    {
        Values = document.Values.SetItem(name, Convert.ToHexStringLower(value)),
        Missing = document.Missing.Remove(name),
    };

    private static MeasurementDocument Lacking(MeasurementDocument document, string name, string reason) =>
        document with { Missing = document.Missing.SetItem(name, reason) };
}
