using System.Diagnostics;
using Culvert.Streams.Expressions;

namespace Culvert.Streams.Kernels;

/// <summary>Nodes that turn one kind of number into another.</summary>
internal static class Conversions
{
    internal static KernelNode Compile(ConvertExpr e, KernelNode operand, FailureSite? site) => e.Operand.Type.Kind switch
    {
        ValueKind.Int8 => From<sbyte>(e, operand, site),
        ValueKind.UInt8 => From<byte>(e, operand, site),
        ValueKind.Int16 => From<short>(e, operand, site),
        ValueKind.UInt16 => From<ushort>(e, operand, site),
        ValueKind.Int32 => From<int>(e, operand, site),
        ValueKind.UInt32 => From<uint>(e, operand, site),
        ValueKind.Int64 => From<long>(e, operand, site),
        ValueKind.UInt64 => From<ulong>(e, operand, site),
        ValueKind.Float32 => From<float>(e, operand, site),
        ValueKind.Float64 => From<double>(e, operand, site),
        ValueKind.Decimal => From<decimal>(e, operand, site),
        _ => throw new UnreachableException(),
    };

    private static KernelNode From<TFrom>(ConvertExpr e, KernelNode operand, FailureSite? site)
        where TFrom : unmanaged => e.Type.Kind switch
        {
            ValueKind.Int8 => To<TFrom, sbyte>(e, operand, site),
            ValueKind.UInt8 => To<TFrom, byte>(e, operand, site),
            ValueKind.Int16 => To<TFrom, short>(e, operand, site),
            ValueKind.UInt16 => To<TFrom, ushort>(e, operand, site),
            ValueKind.Int32 => To<TFrom, int>(e, operand, site),
            ValueKind.UInt32 => To<TFrom, uint>(e, operand, site),
            ValueKind.Int64 => To<TFrom, long>(e, operand, site),
            ValueKind.UInt64 => To<TFrom, ulong>(e, operand, site),
            ValueKind.Float32 => To<TFrom, float>(e, operand, site),
            ValueKind.Float64 => To<TFrom, double>(e, operand, site),
            ValueKind.Decimal => To<TFrom, decimal>(e, operand, site),
            _ => throw new UnreachableException(),
        };

    private static KernelNode To<TFrom, TTo>(ConvertExpr e, KernelNode operand, FailureSite? site)
        where TFrom : unmanaged
        where TTo : unmanaged => e.IsChecked
            ? new MapNode<TFrom, TTo, CheckedCast<TFrom, TTo>>(e.Type, operand, site)
            : new MapNode<TFrom, TTo, Cast<TFrom, TTo>>(e.Type, operand, site);
}
