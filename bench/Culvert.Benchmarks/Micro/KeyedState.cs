using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Culvert.Stages;

namespace Culvert.Benchmarks.Micro;

/// <summary>Updates of 16-byte states by 8-byte keys.</summary>
public class KeyedState : IDisposable
{
    private const int Updates = 65_536;

    private StateTable _table = null!;
    private ulong[] _keys = null!;

    /// <summary>Distinct keys: in the cache, and far outside of it.</summary>
    [Params(1_000, 1_000_000)]
    public int Keys { get; set; }

    /// <summary>Fills the table.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        _table = new StateTable(sizeof(ulong), 16);
        _keys = [.. Enumerable.Range(0, Updates).Select(_ => (ulong)random.Next(Keys))];
        for (ulong key = 0; key < (ulong)Keys; key++)
        {
            _table.GetOrAdd(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in key)), StateHash.Of(key), out _);
        }
    }

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _table.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Adds 1 to the state of each key.</summary>
    [Benchmark(OperationsPerInvoke = Updates)]
    public long Update()
    {
        foreach (ref readonly ulong key in _keys.AsSpan())
        {
            Span<byte> state = _table.GetOrAdd(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in key)), StateHash.Of(key), out _);
            MemoryMarshal.AsRef<long>(state)++;
        }

        return _table.Count;
    }
}
