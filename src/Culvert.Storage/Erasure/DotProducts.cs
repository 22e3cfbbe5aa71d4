using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Culvert.Storage;

/// <summary>Sums of products of blocks with constants: what encoding and decoding both are.</summary>
/// <param name="constants">For each output in turn, a constant per input.</param>
/// <param name="inputs">Where each input begins.</param>
/// <param name="inputCount">1 or more.</param>
/// <param name="outputs">Where each output begins. None overlaps an input or another.</param>
/// <param name="outputCount">0 or more.</param>
/// <param name="length">Bytes of each input and output.</param>
internal readonly unsafe struct DotProducts(byte* constants, byte** inputs, int inputCount, byte** outputs, int outputCount, nint length)
{
    internal readonly byte* Constants = constants;
    internal readonly byte** Inputs = inputs;
    internal readonly int InputCount = inputCount;
    internal readonly byte** Outputs = outputs;
    internal readonly int OutputCount = outputCount;
    internal readonly nint Length = length;

    /// <summary>Fills the outputs by a kernel, or by a narrower one of its kind where blocks are shorter than its registers.</summary>
    internal void Compute(FieldKernel kernel)
    {
        if (OutputCount == 0 || Length == 0)
        {
            return;
        }

        switch (kernel)
        {
            case FieldKernel.Gfni512 when Length >= Gfni512Lanes.Width:
                DotProducts<Gfni512Lanes, Vector512<byte>, Vector512<byte>, Vector512<byte>>.Compute(this);
                break;
            case FieldKernel.Gfni512 or FieldKernel.Gfni256 when Length >= Gfni256Lanes.Width:
                DotProducts<Gfni256Lanes, Vector256<byte>, Vector256<byte>, Vector256<byte>>.Compute(this);
                break;
            case FieldKernel.Gfni512 or FieldKernel.Gfni256 or FieldKernel.Gfni128 when Length >= Gfni128Lanes.Width:
                DotProducts<Gfni128Lanes, Vector128<byte>, Vector128<byte>, Vector128<byte>>.Compute(this);
                break;
            case FieldKernel.Avx2 when Length >= Avx2Lanes.Width:
                DotProducts<Avx2Lanes, Vector256<byte>, Avx2Lanes.Halves, Avx2Lanes.Halves>.Compute(this);
                break;
            default:
                DotProducts<ByteLanes, byte, byte, ByteLanes.Table>.Compute(this);
                break;
        }
    }
}

/// <summary>
/// The loops over blocks. Each reads all inputs once for as many outputs as registers hold sums of, up to four. Blocks are at
/// least as long as a register; where they are not a multiple of it, the last bytes are computed twice.
/// </summary>
internal static unsafe class DotProducts<TLanes, TVector, TOperand, TFactor>
    where TLanes : struct, IFieldLanes<TVector, TOperand, TFactor>
{
    internal static void Compute(in DotProducts work)
    {
        Invariant.Holds(work.Length >= TLanes.Width && work.InputCount > 0);
        byte* constants = work.Constants;
        byte** outputs = work.Outputs;
        int left = work.OutputCount;
        while (left > 0)
        {
            int taken = left >= 4 ? 4 : left >= 2 ? 2 : 1;
            switch (taken)
            {
                case 4:
                    FourFromMany(constants, work.Inputs, work.InputCount, outputs, work.Length);
                    break;
                case 2 when work.InputCount == 2:
                    TwoFromTwo(constants, work.Inputs, outputs, work.Length);
                    break;
                case 2:
                    TwoFromMany(constants, work.Inputs, work.InputCount, outputs, work.Length);
                    break;
                case 1 when work.InputCount == 2:
                    OneFromTwo(constants, work.Inputs, outputs, work.Length);
                    break;
                default:
                    OneFromMany(constants, work.Inputs, work.InputCount, outputs, work.Length);
                    break;
            }

            constants += taken * work.InputCount;
            outputs += taken;
            left -= taken;
        }
    }

    /// <summary>Both parity blocks of k = 2, n = 4, or both data blocks from them: all constants stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoFromTwo(byte* constants, byte** inputs, byte** outputs, nint length)
    {
        int width = TLanes.Width;
        byte* tables = TLanes.Tables;
        TFactor xa = TLanes.Factor(tables, constants[0]);
        TFactor xb = TLanes.Factor(tables, constants[1]);
        TFactor ya = TLanes.Factor(tables, constants[2]);
        TFactor yb = TLanes.Factor(tables, constants[3]);
        byte* a = inputs[0];
        byte* b = inputs[1];
        byte* x = outputs[0];
        byte* y = outputs[1];
        nint at = 0;
        for (nint twice = length - (2 * width); at <= twice; at += 2 * width)
        {
            TOperand a0 = TLanes.Load(a + at);
            TOperand b0 = TLanes.Load(b + at);
            TOperand a1 = TLanes.Load(a + at + width);
            TOperand b1 = TLanes.Load(b + at + width);
            TLanes.Store(TLanes.Add(TLanes.Multiply(a0, xa), TLanes.Multiply(b0, xb)), x + at);
            TLanes.Store(TLanes.Add(TLanes.Multiply(a1, xa), TLanes.Multiply(b1, xb)), x + at + width);
            TLanes.Store(TLanes.Add(TLanes.Multiply(a0, ya), TLanes.Multiply(b0, yb)), y + at);
            TLanes.Store(TLanes.Add(TLanes.Multiply(a1, ya), TLanes.Multiply(b1, yb)), y + at + width);
        }

        for (; at < length; at += width)
        {
            nint last = Math.Min(at, length - width);
            TOperand a0 = TLanes.Load(a + last);
            TOperand b0 = TLanes.Load(b + last);
            TLanes.Store(TLanes.Add(TLanes.Multiply(a0, xa), TLanes.Multiply(b0, xb)), x + last);
            TLanes.Store(TLanes.Add(TLanes.Multiply(a0, ya), TLanes.Multiply(b0, yb)), y + last);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneFromTwo(byte* constants, byte** inputs, byte** outputs, nint length)
    {
        int width = TLanes.Width;
        byte* tables = TLanes.Tables;
        TFactor xa = TLanes.Factor(tables, constants[0]);
        TFactor xb = TLanes.Factor(tables, constants[1]);
        byte* a = inputs[0];
        byte* b = inputs[1];
        byte* x = outputs[0];
        nint at = 0;
        for (nint twice = length - (2 * width); at <= twice; at += 2 * width)
        {
            TVector x0 = TLanes.Add(TLanes.Multiply(TLanes.Load(a + at), xa), TLanes.Multiply(TLanes.Load(b + at), xb));
            TVector x1 = TLanes.Add(TLanes.Multiply(TLanes.Load(a + at + width), xa), TLanes.Multiply(TLanes.Load(b + at + width), xb));
            TLanes.Store(x0, x + at);
            TLanes.Store(x1, x + at + width);
        }

        for (; at < length; at += width)
        {
            nint last = Math.Min(at, length - width);
            TLanes.Store(TLanes.Add(TLanes.Multiply(TLanes.Load(a + last), xa), TLanes.Multiply(TLanes.Load(b + last), xb)), x + last);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourFromMany(byte* constants, byte** inputs, int inputCount, byte** outputs, nint length)
    {
        int width = TLanes.Width;
        byte* tables = TLanes.Tables;
        byte* second = constants + inputCount;
        byte* third = second + inputCount;
        byte* fourth = third + inputCount;
        byte* x = outputs[0];
        byte* y = outputs[1];
        byte* z = outputs[2];
        byte* w = outputs[3];
        for (nint next = 0; next < length; next += width)
        {
            nint at = Math.Min(next, length - width);
            TOperand operand = TLanes.Load(inputs[0] + at);
            TVector x0 = TLanes.Multiply(operand, TLanes.Factor(tables, constants[0]));
            TVector y0 = TLanes.Multiply(operand, TLanes.Factor(tables, second[0]));
            TVector z0 = TLanes.Multiply(operand, TLanes.Factor(tables, third[0]));
            TVector w0 = TLanes.Multiply(operand, TLanes.Factor(tables, fourth[0]));
            for (int j = 1; j < inputCount; j++)
            {
                operand = TLanes.Load(inputs[j] + at);
                x0 = TLanes.Add(x0, TLanes.Multiply(operand, TLanes.Factor(tables, constants[j])));
                y0 = TLanes.Add(y0, TLanes.Multiply(operand, TLanes.Factor(tables, second[j])));
                z0 = TLanes.Add(z0, TLanes.Multiply(operand, TLanes.Factor(tables, third[j])));
                w0 = TLanes.Add(w0, TLanes.Multiply(operand, TLanes.Factor(tables, fourth[j])));
            }

            TLanes.Store(x0, x + at);
            TLanes.Store(y0, y + at);
            TLanes.Store(z0, z + at);
            TLanes.Store(w0, w + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoFromMany(byte* constants, byte** inputs, int inputCount, byte** outputs, nint length)
    {
        int width = TLanes.Width;
        byte* tables = TLanes.Tables;
        byte* second = constants + inputCount;
        byte* x = outputs[0];
        byte* y = outputs[1];
        for (nint next = 0; next < length; next += width)
        {
            nint at = Math.Min(next, length - width);
            TOperand operand = TLanes.Load(inputs[0] + at);
            TVector x0 = TLanes.Multiply(operand, TLanes.Factor(tables, constants[0]));
            TVector y0 = TLanes.Multiply(operand, TLanes.Factor(tables, second[0]));
            for (int j = 1; j < inputCount; j++)
            {
                operand = TLanes.Load(inputs[j] + at);
                x0 = TLanes.Add(x0, TLanes.Multiply(operand, TLanes.Factor(tables, constants[j])));
                y0 = TLanes.Add(y0, TLanes.Multiply(operand, TLanes.Factor(tables, second[j])));
            }

            TLanes.Store(x0, x + at);
            TLanes.Store(y0, y + at);
        }
    }

    /// <summary>Two registers of the output at once, so that each constant is looked up for both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneFromMany(byte* constants, byte** inputs, int inputCount, byte** outputs, nint length)
    {
        int width = TLanes.Width;
        byte* tables = TLanes.Tables;
        byte* x = outputs[0];
        nint at = 0;
        for (nint twice = length - (2 * width); at <= twice; at += 2 * width)
        {
            TFactor factor = TLanes.Factor(tables, constants[0]);
            TVector x0 = TLanes.Multiply(TLanes.Load(inputs[0] + at), factor);
            TVector x1 = TLanes.Multiply(TLanes.Load(inputs[0] + at + width), factor);
            for (int j = 1; j < inputCount; j++)
            {
                factor = TLanes.Factor(tables, constants[j]);
                x0 = TLanes.Add(x0, TLanes.Multiply(TLanes.Load(inputs[j] + at), factor));
                x1 = TLanes.Add(x1, TLanes.Multiply(TLanes.Load(inputs[j] + at + width), factor));
            }

            TLanes.Store(x0, x + at);
            TLanes.Store(x1, x + at + width);
        }

        for (; at < length; at += width)
        {
            nint last = Math.Min(at, length - width);
            TVector x0 = TLanes.Multiply(TLanes.Load(inputs[0] + last), TLanes.Factor(tables, constants[0]));
            for (int j = 1; j < inputCount; j++)
            {
                x0 = TLanes.Add(x0, TLanes.Multiply(TLanes.Load(inputs[j] + last), TLanes.Factor(tables, constants[j])));
            }

            TLanes.Store(x0, x + last);
        }
    }
}
