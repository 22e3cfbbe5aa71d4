using System.Diagnostics;
using System.Globalization;

namespace Culvert.Benchmarks.Processes;

/// <summary>Another program, run to its end while its memory is watched.</summary>
internal static class ChildProcess
{
    // The system keeps the peak itself; it is read again and again only because it goes with the process.
    private const int LookedAtEveryMilliseconds = 5;

    /// <summary>What the program wrote to standard output, and the most memory it had resident, in MB.</summary>
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public static (string Output, double PeakMegabytes) Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        double peak = 0;
        do
        {
            peak = Math.Max(peak, PeakMegabytesOf(process.Id));
        }
        while (!process.WaitForExit(LookedAtEveryMilliseconds));
        process.WaitForExit();
        return process.ExitCode == 0
            ? (output.Result, peak)
            : throw new InvalidOperationException($"{program} ended with exit code {process.ExitCode}: {error.Result}");
    }

    private static double PeakMegabytesOf(int process)
    {
        const string Peak = "VmHWM:";
        try
        {
            string? line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status"))
                .FirstOrDefault(each => each.StartsWith(Peak, StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line[Peak.Length..^" kB".Length], CultureInfo.InvariantCulture) * 1024 / 1e6;
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }
}
