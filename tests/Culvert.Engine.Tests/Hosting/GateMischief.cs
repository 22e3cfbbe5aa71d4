using Culvert.Enclaves;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>Brings workers their input slowly until the host has committed a snapshot, and then no more: a run stands in its middle.</summary>
internal sealed class GateMischief(string snapshots) : IMischief, IDisposable
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(20);

    private readonly ManualResetEventSlim _open = new();
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when a worker waits for input, behind a snapshot.</summary>
    internal Task Held => _held.Task;

    public IEnumerable<byte[]> Pass(int worker, bool toWorker, MessageKind kind, byte[] message)
    {
        bool carriesInput = toWorker ? kind == MessageKind.Block : worker == 0 && kind == MessageKind.Frame;
        if (carriesInput && !_open.IsSet)
        {
            if (SpinWait.SpinUntil(HasSnapshot, s_pace))
            {
                _held.TrySetResult();
                _open.Wait();
            }
        }

        return [message];
    }

    internal void Open() => _open.Set();

    public void Dispose() => _open.Dispose();

    private bool HasSnapshot() =>
        Directory.Exists(snapshots)
        && Directory.EnumerateFiles(snapshots, "*", SearchOption.AllDirectories).Any(f => Path.GetRelativePath(snapshots, f).StartsWith("manifest", StringComparison.Ordinal));
}
