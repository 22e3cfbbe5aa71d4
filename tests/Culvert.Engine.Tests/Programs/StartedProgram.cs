using System.Diagnostics;
using System.Text.Json;

namespace Culvert.Engine.Tests.Programs;

/// <summary>The test program as a job program, in a process of its own.</summary>
internal sealed record StartedProgram(int ProcessId, int ExitCode, string Out, string Error)
{
    /// <summary>The rows of a JSON document, as text.</summary>
    internal string Result
    {
        get
        {
            Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}");
            using JsonDocument document = JsonDocument.Parse(Out);
            return document.RootElement.GetProperty("result").GetRawText();
        }
    }

    /// <summary>Runs a job of the test program to its end.</summary>
    internal static Task<StartedProgram> RunAsync(string job, string[] args, params (string Name, string Value)[] environment) =>
        RunProgramAsync(typeof(StartedProgram).Assembly.GetName().Name!, [Program.JobArgument, .. args, "--set", $"job={job}"], environment);

    /// <summary>Runs a program that stands beside this one to its end.</summary>
    internal static async Task<StartedProgram> RunProgramAsync(string name, string[] args, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, name), args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        foreach ((string variable, string value) in environment)
        {
            start.Environment[variable] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new StartedProgram(process.Id, process.ExitCode, await output, await error);
    }
}
