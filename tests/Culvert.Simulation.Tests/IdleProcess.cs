namespace Culvert.Simulation.Tests;

/// <summary>A process that does what a test tells it to.</summary>
internal sealed class IdleProcess : Process
{
    internal Action? Started { get; init; }

    internal Action<string, object>? Received { get; init; }

    internal Action<object>? Rang { get; init; }

    public override void OnStart() => Started?.Invoke();

    public override void OnMessage(string from, object message) => Received?.Invoke(from, message);

    public override void OnTimer(object timer) => Rang?.Invoke(timer);
}
