using System.CommandLine;
using Culvert.Attestation;
using Culvert.Cli.Output;

namespace Culvert.Cli.Commands.Attest;

/// <summary><c>culvert attest evidence</c>: what this machine can offer, and why not more; with a folder, the evidence itself.</summary>
internal static class CollectEvidenceCommand
{
    /// <summary>The variable by which tpm2-tools are told of another TPM than the machine's own, one in software for example.</summary>
    private const string TpmTransport = "TPM2TOOLS_TCTI";

    internal static Command Make()
    {
        Option<string?> output = new("--output", "-o") { Description = "Collect evidence into this folder, which must not be there yet", HelpName = "DIR" };
        Option<string?> reportData = new("--report-data") { Description = "What the evidence binds: up to 64 bytes in hexadecimal, filled with zeros; default: zeros", HelpName = "HEX" };
        Command command = new("evidence", "Tell what evidence this machine can offer, and why not more") { output, reportData };
        command.SetAction(parsed =>
        {
            byte[] bound = ReportData(parsed.GetValue(reportData));
            List<IEvidenceCollector> here = [];
            foreach (IEvidenceCollector collector in EvidenceCollectors.All(new MachineFiles(), new MachineTools(), Environment.GetEnvironmentVariable(TpmTransport)))
            {
                string? whyNot = collector.WhyNot();
                Terminal.Out.WriteLine($"{collector.Name}: {(whyNot is null ? "available" : $"not available: {whyNot}")}");
                if (whyNot is null)
                {
                    here.Add(collector);
                }
            }

            Terminal.Out.WriteLine("simulation: available everywhere; signed by a development key, it proves nothing of the hardware and is never affirmed");
            if (parsed.GetValue(output) is { } folder)
            {
                Collect(here.FirstOrDefault() ?? throw new CommandFailedException(ExitCode.Failed, "this machine offers no evidence of hardware"), bound, folder);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void Collect(IEvidenceCollector collector, byte[] bound, string folder)
    {
        if (Path.Exists(folder))
        {
            throw CommandFailedException.Usage($"{folder}: it is there already; name a new folder");
        }

        Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> files = collector.Collect(bound);
        if (!files.Succeeded)
        {
            throw new CommandFailedException(ExitCode.Failed, files.Failure.Message);
        }

        Directory.CreateDirectory(folder);
        foreach ((string name, ReadOnlyMemory<byte> content) in files.Value)
        {
            File.WriteAllBytes(Path.Join(folder, name), content.Span);
        }

        Terminal.Out.WriteLine($"{collector.Name}: evidence is in {folder}: {string.Join(", ", files.Value.Keys.Order(StringComparer.Ordinal))}");
    }

    private static byte[] ReportData(string? hex)
    {
        byte[] bound = new byte[IEvidenceCollector.ReportDataBytes];
        if (hex is null)
        {
            return bound;
        }

        if (hex.Length > 2 * bound.Length || hex.Length % 2 != 0 || !hex.All(char.IsAsciiHexDigit))
        {
            throw CommandFailedException.Usage($"--report-data {hex}: not up to {bound.Length} bytes in hexadecimal");
        }

        Convert.FromHexString(hex).CopyTo(bound, 0);
        return bound;
    }
}
