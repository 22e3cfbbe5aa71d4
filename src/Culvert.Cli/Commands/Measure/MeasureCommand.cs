using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Culvert.Attestation;
using Culvert.Cli.Output;
using Culvert.Engine;

namespace Culvert.Cli.Commands.Measure;

/// <summary><c>culvert measure</c>: the image that an enclave will run, made reproducibly, and what will be measured of it.</summary>
internal static class MeasureCommand
{
    private static readonly string[] s_registers = ["rtmr0", "rtmr1", "rtmr2", "rtmr3"];

    internal static Command Make()
    {
        Argument<string> path = new("FOLDER|JOB") { Description = "A job file, or a folder with job.yaml or a C# project" };
        Option<string?> tee = JobSymbols.OneOf("--tee", "What will measure it; default: simulation", "sgx", "tdx", "snp", "simulation");
        Option<bool> json = new("--json") { Description = "Print one JSON document, which 'manifest init --measurement' reads" };
        Option<bool> files = new("--files") { Description = "Print every file" };
        Option<string?> output = new("--output", "-o") { Description = "Write the image into this folder, which must not be there yet", HelpName = "DIR" };
        GuestOptions guest = new();
        Command command = new("measure", "Make an enclave's image reproducibly and print what will be measured") { path, tee, json, files, output };
        guest.AddTo(command);
        command.SetAction(parsed =>
        {
            using Interruption interruption = new();
            EvidenceKind kind = parsed.GetValue(tee) switch
            {
                "sgx" => EvidenceKind.Sgx,
                "tdx" => EvidenceKind.Tdx,
                "snp" => EvidenceKind.SevSnp,
                _ => EvidenceKind.Simulation,
            };
            MeasureRequest request = guest.Read(parsed, new MeasureRequest(parsed.GetValue(path)!, kind) { Output = parsed.GetValue(output) });
            MeasurementDocument document = Measure(request);
            if (parsed.GetValue(json))
            {
                DescriptorStream.StandardOutput.Write(document.Write());
            }
            else
            {
                MeasurementText.Write(Terminal.Out, document, parsed.GetValue(files));
                Terminal.Flush();
            }

            foreach ((string name, string reason) in document.Missing)
            {
                Terminal.Error.WriteLine($"culvert: {name} is missing: {reason}");
            }

            return document.IsWhole ? ExitCode.Success : ExitCode.Failed;
        });
        return command;
    }

    private static MeasurementDocument Measure(MeasureRequest request)
    {
        if (request.Output is { } taken && Path.Exists(taken))
        {
            throw CommandFailedException.Usage($"{taken}: it is there already; name a new folder");
        }

        using MeasuredProgram program = MeasuredProgram.Of(request.Path);
        if (!program.BringsItsRuntime && request.Tee != EvidenceKind.Simulation)
        {
            throw CommandFailedException.Usage(".NET itself is not in this image, so no guest could run it; ./culvert and 'dotnet publish --self-contained' build images that have it");
        }

        if (!program.BringsItsRuntime)
        {
            Terminal.Error.WriteLine("culvert: warning: .NET itself is not in this image, so whoever can change the installed .NET can change what runs; ./culvert builds an image that has it");
        }

        string folder = request.Output ?? Directory.CreateTempSubdirectory("culvert-measure-").FullName;
        try
        {
            Directory.CreateDirectory(folder);
            MeasurementDocument document = request.Tee switch
            {
                EvidenceKind.Sgx => SgxMeasurement.Of(request, program, folder),
                EvidenceKind.Tdx or EvidenceKind.SevSnp => GuestMeasurement.Of(request, program, folder),
                _ => Simulated(program),
            };
            if (request.Output is not null)
            {
                Keep(document, program, folder);
            }

            return document;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot make the image: {failure.Message}", failure);
        }
        finally
        {
            if (request.Output is null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static MeasurementDocument Simulated(MeasuredProgram program)
    {
        MeasurementDocument document = program.Describe(EvidenceKind.Simulation);
        return document with { Values = document.Values.SetItem("measurement", Convert.ToHexStringLower(document.ImageDigest.Span)) };
    }

    private static void Keep(MeasurementDocument document, MeasuredProgram program, string folder)
    {
        string copy = Path.Join(folder, GuestImage.ProgramFolder);
        if (!Directory.Exists(copy))
        {
            program.CopyTo(copy);
        }

        File.WriteAllBytes(Path.Join(folder, "measurement.json"), document.Write());
    }

    /// <summary>Options of guests: what is booted, on which processors, by which monitor.</summary>
    private sealed class GuestOptions
    {
        private readonly Option<string?> _firmware = new("--firmware") { Description = "snp, tdx: the guest's firmware (OVMF)", HelpName = "FILE" };
        private readonly Option<string?> _kernel = new("--kernel") { Description = "snp, tdx: the guest's kernel", HelpName = "FILE" };
        private readonly Option<string> _append = new("--append") { Description = "snp, tdx: the kernel's command line; default: empty", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        private readonly Option<string?> _init = new("--init") { Description = "snp, tdx: the guest's first process; default: the program itself", HelpName = "FILE" };
        private readonly Option<string> _system = new("--system") { Description = "snp, tdx, sgx: the root of the system whose libraries are taken; default: /", HelpName = "DIR", DefaultValueFactory = _ => "/" };
        private readonly Option<int> _processors = new("--vcpus") { Description = "snp: virtual processors; default: 1", HelpName = "N", DefaultValueFactory = _ => 1 };
        private readonly Option<string> _processorType = new("--vcpu-type") { Description = "snp: QEMU's name of their type; default: EPYC-v4", HelpName = "TYPE", DefaultValueFactory = _ => "EPYC-v4" };
        private readonly Option<string?> _features = new("--guest-features") { Description = "snp: SEV_FEATURES in hexadecimal; default: 1", HelpName = "HEX" };
        private readonly Option<string?> _monitor = JobSymbols.OneOf("--vmm", "snp: what starts the guest; qemu-early is QEMU on kernels before Linux 6.10; default: qemu", "qemu", "qemu-early", "ec2");
        private readonly Option<string?> _pageOrder = JobSymbols.OneOf("--page-order", "tdx: pages are measured one by one (Linux 6.16 and newer; default) or by section (Intel's kernels before)", "page", "section");
        private readonly Option<string[]> _registers = new("--register") { Description = "tdx: a register's value, known from a start that is trusted", HelpName = "rtmr0=HEX", DefaultValueFactory = _ => [] };

        internal void AddTo(Command command)
        {
            foreach (Option option in (Option[])[_firmware, _kernel, _append, _init, _system, _processors, _processorType, _features, _monitor, _pageOrder, _registers])
            {
                command.Add(option);
            }
        }

        internal MeasureRequest Read(ParseResult parsed, MeasureRequest request)
        {
            string features = parsed.GetValue(_features) ?? "1";
            int processors = parsed.GetValue(_processors);
            return request with
            {
                Firmware = parsed.GetValue(_firmware),
                Kernel = parsed.GetValue(_kernel),
                CommandLine = parsed.GetValue(_append)!,
                Init = parsed.GetValue(_init),
                System = parsed.GetValue(_system)!,
                Processors = processors is >= 1 and <= SnpLaunch.ProcessorsMax ? processors : throw CommandFailedException.Usage($"--vcpus is a number from 1 to {SnpLaunch.ProcessorsMax}, and not {processors}"),
                ProcessorType = parsed.GetValue(_processorType)!,
                Features = ulong.TryParse(features.StartsWith("0x", StringComparison.Ordinal) ? features[2..] : features, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits)
                    ? bits : throw CommandFailedException.Usage($"--guest-features {features}: not hexadecimal"),
                Monitor = parsed.GetValue(_monitor) switch { "qemu-early" => SnpMonitor.QemuEarly, "ec2" => SnpMonitor.Ec2, _ => SnpMonitor.Qemu },
                PageOrder = parsed.GetValue(_pageOrder) == "section" ? TdxPageOrder.SectionBySection : TdxPageOrder.PageByPage,
                Registers = (parsed.GetValue(_registers) ?? []).Select(Register).ToImmutableSortedDictionary(r => r.Name, r => r.Value, StringComparer.Ordinal),
            };
        }

        private static (string Name, string Value) Register(string text) =>
            text.Split('=') is [string name, string value] && s_registers.Contains(name) && value.Length == 2 * TdxMeasurement.Bytes && value.All(char.IsAsciiHexDigit)
                ? (name, value.ToLowerInvariant())
                : throw CommandFailedException.Usage($"--register {text}: a register is given as rtmr0=HEX, rtmr0 to rtmr3, with {2 * TdxMeasurement.Bytes} digits");
    }
}
