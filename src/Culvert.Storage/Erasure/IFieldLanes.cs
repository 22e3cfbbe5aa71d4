namespace Culvert.Storage;

/// <summary>
/// A kernel's arithmetic on as many bytes as it takes at a time. Types are resolved when code is compiled, so that
/// <see cref="DotProducts{TLanes, TVector, TOperand, TFactor}"/> is written once and costs what it would for each by hand.
/// </summary>
/// <typeparam name="TVector">Products and sums of them.</typeparam>
/// <typeparam name="TOperand">Bytes made ready to be multiplied several times.</typeparam>
/// <typeparam name="TFactor">A constant made ready to multiply.</typeparam>
internal unsafe interface IFieldLanes<TVector, TOperand, TFactor>
{
    /// <summary>How many bytes at a time.</summary>
    static abstract int Width { get; }

    /// <summary>What <see cref="Factor"/> reads: of <see cref="ErasureField"/>.</summary>
    static abstract byte* Tables { get; }

    static abstract TFactor Factor(byte* tables, byte constant);

    static abstract TOperand Load(byte* from);

    static abstract TVector Multiply(TOperand operand, TFactor factor);

    static abstract TVector Add(TVector a, TVector b);

    static abstract void Store(TVector vector, byte* to);
}
