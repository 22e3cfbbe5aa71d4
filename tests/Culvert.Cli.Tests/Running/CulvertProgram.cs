using System.Diagnostics;
using System.Text;

namespace Culvert.Cli.Tests.Running;

/// <summary>What the program did.</summary>
public sealed record ProgramResult(int ExitCode, string Out, string Error);

/// <summary>The built program, run as a process of its own.</summary>
internal static class CulvertProgram
{
    /// <summary>No command of these tests takes longer, unless it hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    internal static ProgramResult Run(string folder, params string[] arguments) => Run(folder, null, arguments);

    internal static ProgramResult Run(string folder, Stream? input, string[] arguments)
    {
        using Process process = Start(folder, arguments);
        return Finish(process, input);
    }

    internal static Process Start(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "culvert"), arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
            StandardErrorEncoding = new UTF8Encoding(false),
        };
        start.Environment.Remove("CULVERT_DEBUG");
        if (Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet")
        {
            start.Environment["DOTNET_ROOT"] = Path.GetDirectoryName(host);
        }

        return Process.Start(start)!;
    }

    internal static ProgramResult Finish(Process process, Stream? input = null)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            input?.CopyTo(process.StandardInput.BaseStream);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read everything; its exit code says why.
        }

        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException("the program did not end");
        }

        return new ProgramResult(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Sends a signal by its number.</summary>
    internal static void Signal(Process process, int signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
