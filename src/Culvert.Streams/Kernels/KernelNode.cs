namespace Culvert.Streams.Kernels;

/// <summary>
/// One step of a compiled expression. Immutable. Booleans are <see cref="MaskColumn"/>s inside kernels, and a missing row's
/// value is undefined until <see cref="Kernel"/> hands the result out.
/// </summary>
internal abstract class KernelNode
{
    /// <summary>A new reference to the values of all rows; the caller disposes it.</summary>
    internal abstract Column Evaluate(in Frame frame);
}
