namespace Culvert.Storage;

/// <summary>
/// What k blocks have to be multiplied with to give others: eliminates the missing data blocks from the parity rows at hand
/// (docs/specs/erasure-code.md, decoding).
/// </summary>
internal readonly ref struct Recovery
{
    private readonly ErasureCode _code;
    private readonly ReadOnlySpan<int> _chosen;
    private readonly Span<byte> _missing;
    private readonly Span<byte> _inverse;

    /// <summary>Solves for the missing data blocks.</summary>
    /// <param name="code">The code.</param>
    /// <param name="chosen">The k blocks at hand, ascending.</param>
    /// <param name="scratch">At least <see cref="ScratchBytes"/>; belongs to it as long as it is used.</param>
    internal Recovery(ErasureCode code, ReadOnlySpan<int> chosen, Span<byte> scratch)
    {
        _code = code;
        _chosen = chosen;
        int present = 0;
        int missing = 0;
        for (int block = 0; block < code.DataBlocks; block++)
        {
            if (present < chosen.Length && chosen[present] == block)
            {
                present++;
            }
            else
            {
                scratch[missing++] = (byte)block;
            }
        }

        _missing = scratch[..missing];
        _inverse = scratch.Slice(missing, missing * missing);
        for (int row = 0; row < missing; row++)
        {
            for (int column = 0; column < missing; column++)
            {
                _inverse[(row * missing) + column] = code.Constant(chosen[present + row], _missing[column]);
            }
        }

        Invert(_inverse, missing);
    }

    /// <summary>What solving takes at most: as many data blocks as there are parity blocks, or all, may be missing.</summary>
    internal static int ScratchBytes(ErasureCode code)
    {
        int missingMax = Math.Min(code.DataBlocks, code.Blocks - code.DataBlocks);
        return missingMax * (missingMax + 1);
    }

    /// <summary>The data blocks that are not at hand, ascending.</summary>
    internal ReadOnlySpan<byte> Missing => _missing;

    /// <summary>
    /// Writes the constants, one per block at hand, that give <paramref name="block"/>: its row of the code, with each missing
    /// data block put as the parity blocks and the data blocks at hand that it follows from.
    /// </summary>
    internal void Constants(int block, Span<byte> constants)
    {
        int present = _chosen.Length - _missing.Length;
        for (int j = 0; j < present; j++)
        {
            constants[j] = _code.Constant(block, _chosen[j]);
        }

        for (int parity = 0; parity < _missing.Length; parity++)
        {
            byte weight = 0;
            for (int i = 0; i < _missing.Length; i++)
            {
                weight ^= ErasureField.Multiply(_code.Constant(block, _missing[i]), _inverse[(i * _missing.Length) + parity]);
            }

            constants[present + parity] = weight;
            for (int j = 0; j < present; j++)
            {
                constants[j] ^= ErasureField.Multiply(weight, _code.Constant(_chosen[present + parity], _chosen[j]));
            }
        }
    }

    /// <summary>
    /// Gauss and Jordan's elimination in place. No rows are exchanged: of a Cauchy matrix every square part can be inverted, so
    /// no pivot is 0.
    /// </summary>
    private static void Invert(Span<byte> matrix, int size)
    {
        for (int pivot = 0; pivot < size; pivot++)
        {
            Span<byte> pivotRow = matrix.Slice(pivot * size, size);
            byte scale = ErasureField.Inverse(pivotRow[pivot]);
            pivotRow[pivot] = 1;
            for (int i = 0; i < size; i++)
            {
                pivotRow[i] = ErasureField.Multiply(scale, pivotRow[i]);
            }

            for (int other = 0; other < size; other++)
            {
                if (other == pivot)
                {
                    continue;
                }

                Span<byte> row = matrix.Slice(other * size, size);
                byte factor = row[pivot];
                row[pivot] = 0;
                for (int i = 0; i < size; i++)
                {
                    row[i] ^= ErasureField.Multiply(factor, pivotRow[i]);
                }
            }
        }
    }
}
