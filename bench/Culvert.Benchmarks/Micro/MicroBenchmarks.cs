using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Culvert.Benchmarks.Micro;

/// <summary>Single pieces under BenchmarkDotNet: its memory column shows what an event costs the garbage collector.</summary>
internal static class MicroBenchmarks
{
    internal static void Run(string[] args)
    {
        // In this process: the published program has no project beside it that could be built again.
        Job job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddExporter(MarkdownExporter.Console)
            .AddLogger(ConsoleLogger.Default)
            .WithOptions(ConfigOptions.DisableOptimizationsValidator);
        BenchmarkSwitcher.FromTypes([typeof(ColumnarPath), typeof(CsvPath), typeof(KeyedState), typeof(SealedFrames)]).Run(args.Length == 0 ? ["--filter", "*"] : args, config);
    }
}
