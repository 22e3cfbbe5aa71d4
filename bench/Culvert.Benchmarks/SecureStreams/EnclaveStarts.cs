using System.Diagnostics;
using System.Globalization;
using Culvert.Enclaves;
using Culvert.Enclaves.Simulation;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary>Starts enclaves of a program whose enclaves greet their host, as <see cref="EnclaveWorker"/> does.</summary>
internal static class EnclaveStarts
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Measures so many starts, one after the other, after one that does not count.</summary>
    /// <exception cref="InvalidOperationException">No enclave starts here, or it failed.</exception>
    internal static EnclaveStartFigure Measure(string program, string name, int starts)
    {
        List<double> milliseconds = [];
        Dictionary<string, long> memory = [];
        for (int i = 0; i <= starts; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using IEnclave enclave = FlightsQuery.Checked(new SimulationBackend().Start(new EnclaveOptions { Executable = program, Arguments = [] }));
            FlightsQuery.Checked(enclave.Channel.Await(s_patience, "the enclave's hello")).Dispose();
            double took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            memory = MemoryOf(enclave.ProcessId!.Value);
            if (i > 0)
            {
                milliseconds.Add(took);
            }
        }

        return new EnclaveStartFigure(name, milliseconds, memory["VmRSS"], memory["RssAnon"], memory["RssFile"], memory["RssShmem"]);
    }

    /// <summary>The sizes in <c>/proc/PID/status</c>, in bytes.</summary>
    private static Dictionary<string, long> MemoryOf(int process) =>
        File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status"))
            .Where(line => line.EndsWith(" kB", StringComparison.Ordinal))
            .Select(line => line.Split(':'))
            .ToDictionary(line => line[0], line => 1024 * long.Parse(line[1][..^" kB".Length], CultureInfo.InvariantCulture));
}
