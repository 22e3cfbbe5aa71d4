using System.Runtime.CompilerServices;

namespace Culvert.Simulation;

/// <summary>As <see cref="TraceText"/>, for a node's notes.</summary>
[InterpolatedStringHandler]
public ref struct NodeTraceText
{
    private TraceText _text;

    /// <summary>Called by the compiler.</summary>
    public NodeTraceText(int literalLength, int formattedCount, SimulatedNode node, out bool isOn) =>
        _text = new TraceText(literalLength, formattedCount, node.World, out isOn);

    /// <summary>Called by the compiler.</summary>
    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    /// <summary>Called by the compiler.</summary>
    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    /// <summary>Called by the compiler.</summary>
    public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

    internal string Take() => _text.Take();
}
