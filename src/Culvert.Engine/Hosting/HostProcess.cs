using System.Diagnostics;
using Culvert.Enclaves;

namespace Culvert.Engine;

/// <summary>A host in a process of its own: the program that runs now, asked to be a host. It gets no key and nothing of this process but two pipes.</summary>
public sealed class HostProcess : IHostConnection
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    private HostProcess(Process process)
    {
        _process = process;
        Channel = new StreamChannel(process.StandardOutput.BaseStream, process.StandardInput.BaseStream);
    }

    /// <inheritdoc/>
    public IMessageChannel Channel { get; }

    /// <summary>Starts one. <paramref name="executable"/> and <paramref name="arguments"/>: by default as this program was started.</summary>
    public static HostProcess Start(string? executable = null, IReadOnlyList<string>? arguments = null)
    {
        (string program, IReadOnlyList<string> before) = executable is null ? ThisProgram() : (executable, arguments ?? []);
        ProcessStartInfo start = new(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (string argument in before)
        {
            start.ArgumentList.Add(argument);
        }

        start.ArgumentList.Add(HostProgram.Argument);
        return new HostProcess(Process.Start(start) ?? throw new JobFailedException("the host's process did not start"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Channel.Dispose();
        if (!_process.WaitForExit(s_patience))
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>A program that <c>dotnet</c> runs is started by it again.</summary>
    private static (string Program, IReadOnlyList<string> Before) ThisProgram()
    {
        string program = Environment.ProcessPath ?? throw new JobFailedException("nothing says which program this is, so no host can be started");
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? (program, [System.Reflection.Assembly.GetEntryAssembly()!.Location])
            : (program, []);
    }
}
