using System.Globalization;
using Culvert.Benchmarks;
using Culvert.Benchmarks.Boundary;
using Culvert.Benchmarks.Clouds;
using Culvert.Benchmarks.Flights;
using Culvert.Benchmarks.KeyRelease;
using Culvert.Benchmarks.Micro;
using Culvert.Benchmarks.Paging;
using Culvert.Benchmarks.Processes;
using Culvert.Benchmarks.Provisioning;
using Culvert.Benchmarks.Reports;
using Culvert.Benchmarks.SecureStreams;
using Culvert.Enclaves;
using Culvert.Engine;

// Hosts and enclaves are processes of this program too; which of the two enclaves, a word before the others says.
if (args is [BoundaryProbe.ProgramArgument, .. string[] probe] && EnclaveProgram.RunIfAsked(probe, ProbeProgram.Run) is int probed)
{
    return probed;
}

if (EnclaveProgram.RunIfAsked(args, EnclaveWorker.Run) is int enclave)
{
    return enclave;
}

if (HostProgram.RunIfAsked(args, new CanonicalPlanBuilder()) is int host)
{
    return host;
}

const string Usage = """
    usage: culvert bench engine [--rows N] [--repeats K] [--only NAME] [--report FILE.html] [--save]
           culvert bench erasure [engine's options]: encoding and decoding for clouds by each kernel; N is in KiB of data
           culvert bench storage [engine's options]: units over four clouds: put, delays, memory; N is in KiB of data
           culvert bench paging [--rows N]: grouped counts, their state from a tenth to ten times a budget of 64 MiB
           culvert bench micro [BenchmarkDotNet's options]: time and allocation of single pieces
           culvert bench securestreams [-o FILE.html] [--quick] [--rows N] [--times K] [--repeats K]: the published evaluation
           culvert bench attestation [engine's options]: quotes verified, cold and warm
           culvert bench boundary: what crossing into an enclave and copying costs, as JSON
           culvert bench provisioning [--enclaves N] [--repeats K]: N enclaves (default 16) started cold and given their keys at
                  once, and what attestation costs an event, as JSON
           culvert bench key-release [N]: from evidence to released keys through a broker, N times (default 1000), as JSON
      --rows N      rows or events in place of each scenario's own number
      --repeats K   runs of each contender, after one that does not count (default 5)
      --only NAME   scenarios whose name holds NAME
      --report FILE one page with plots and tables
      --save        keeps the page and the figures as JSON under bench/results
    """;

if (args is [DelayedFlightsFromCsv.BareLoopCommand, string path, string threads])
{
    Console.Write(DelayedFlightsFromCsv.RunBareLoop(path, int.Parse(threads, CultureInfo.InvariantCulture)));
    return 0;
}

if (args is [MemoryOfLargeFiles.Command, string flights])
{
    Console.Write(await MemoryOfLargeFiles.RunDelayedFlightsAsync(flights));
    return 0;
}

if (args is [StorageMemory.Command, string kibibytes])
{
    Console.Write(StorageMemory.PutAndGet(long.Parse(kibibytes, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["--help" or "-h", ..] or ["engine" or "erasure" or "storage" or "attestation" or "securestreams", "--help" or "-h"])
{
    Console.WriteLine(Usage);
    return 0;
}

if (args is ["boundary"])
{
    Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(BoundaryProbe.Measure(Environment.ProcessPath!)));
    return 0;
}

if (args is ["key-release"] or ["key-release", _]
    && int.TryParse(args.ElementAtOrDefault(1) ?? "1000", CultureInfo.InvariantCulture, out int releases) && releases > 0)
{
    Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(await KeyReleaseProbe.MeasureAsync(releases)));
    return 0;
}

if (args is ["provisioning", .. string[] provisioning] && ProvisioningOptions.Parse(provisioning) is { } provisioned)
{
    if (CulvertCommand.BuiltProgram() is not { } command)
    {
        Console.Error.WriteLine("culvert bench: ./culvert cannot be built here, and it is the program whose enclaves are measured");
        return 1;
    }

    Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(await ProvisioningProbe.MeasureAsync(provisioned, command)));
    return 0;
}

if (args is ["securestreams", .. string[] secure] && SecureStreamsOptions.Parse(secure) is { } secureStreams)
{
    return await SecureStreamsCommand.RunAsync(secureStreams, Console.Out, Console.Error);
}

if (args is ["micro", .. string[] micro])
{
    MicroBenchmarks.Run(micro);
    return 0;
}

if (args is ["paging", .. string[] paging] && Arguments.Parse(paging) is { } wanted)
{
    PagedStateReport.Write(wanted, Console.Out);
    return 0;
}

if (args is not [string part, .. string[] rest]
    || Scenarios.OfPart(part) is not { } scenarios
    || Arguments.Parse(rest) is not BenchmarkOptions options)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

IScenario[] chosen = [.. scenarios.Where(scenario => scenario.Name.Contains(options.Only ?? "", StringComparison.Ordinal))];
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"no scenario is called {options.Only}; there are: {string.Join(", ", scenarios.Select(s => s.Name))}");
    return 2;
}

Machine machine = Machine.Describe();
List<ScenarioResult> results = [];
try
{
    Console.WriteLine(machine.ToString());
    foreach (IScenario scenario in chosen)
    {
        ScenarioResult result = Harness.Run(scenario, options, Console.Error);
        results.Add(result);
        Console.Write(TextReport.Render(result));
    }
}
catch (InvalidOperationException failed)
{
    Console.Error.WriteLine($"culvert bench: {failed.Message}");
    return 1;
}

string page = HtmlReport.Render(machine, results);
if (options.Report is not null)
{
    File.WriteAllText(options.Report, page);
}

if (options.Save)
{
    string folder = Repository.PathOf("bench", "results");
    Directory.CreateDirectory(folder);
    string name = Path.Combine(folder, $"{part}-{machine.Date:yyyy-MM-dd}-{machine.Commit}");
    File.WriteAllText(name + ".html", page);
    File.WriteAllText(name + ".json", JsonReport.Render(machine, results));
    Console.WriteLine($"saved {Path.GetRelativePath(Repository.Root, name)}.html and .json");
}

return 0;
