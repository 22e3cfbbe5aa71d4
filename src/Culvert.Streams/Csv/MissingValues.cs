using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;

namespace Culvert.Streams;

/// <summary>The fields that mean "no value".</summary>
internal sealed class MissingValues
{
    private readonly byte[][] _values;

    public MissingValues(ImmutableArray<string> values) => _values = [.. values.Select(Encoding.UTF8.GetBytes)];

    public ReadOnlySpan<byte[]> Values => _values;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(ReadOnlySpan<byte> field)
    {
        foreach (byte[] value in _values)
        {
            if (field.SequenceEqual(value))
            {
                return true;
            }
        }

        return false;
    }
}
