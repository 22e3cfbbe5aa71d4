using System.Diagnostics;

namespace Culvert.Streams.Kernels;

/// <summary>A node or a value that is the same for all rows.</summary>
internal readonly struct Operand<T>
    where T : unmanaged
{
    private readonly KernelNode? _node;

    internal Operand(KernelNode node)
    {
        _node = node;
        Constant = default;
    }

    internal Operand(T constant)
    {
        _node = null;
        Constant = constant;
    }

    internal bool IsConstant => _node is null;

    internal T Constant { get; }

    /// <summary>The rows' values, or null when it is a constant.</summary>
    internal FixedColumn<T>? Evaluate(in Frame frame) => (FixedColumn<T>?)_node?.Evaluate(frame);

    internal KernelNode Node => _node ?? throw new UnreachableException();
}
