using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>Hash algorithms of PCR banks and signatures, by TPM number (TCG algorithm registry).</summary>
internal enum TpmHash : ushort
{
    Sha1 = 0x0004,
    Sha256 = 0x000B,
    Sha384 = 0x000C,
    Sha512 = 0x000D,
}

/// <summary>Which registers of a bank are quoted.</summary>
internal sealed record PcrSelection(TpmHash Bank, ImmutableArray<int> Indices);

/// <summary>A quote's TPMS_ATTEST (TPM 2.0 library, part 2, 10.12.8), big-endian, taken apart but not verified.</summary>
internal sealed class TpmAttest
{
    internal const uint Magic = 0xFF544347;
    private const ushort TypeQuote = 0x8018;
    private const int BytesMax = 2048;
    private const int SelectionsMax = 8;

    internal required ReadOnlyMemory<byte> Raw { get; init; }

    internal required ReadOnlyMemory<byte> QualifiedSigner { get; init; }

    /// <summary>What the caller of the quote gave: the nonce.</summary>
    internal required ReadOnlyMemory<byte> ExtraData { get; init; }

    internal required ulong FirmwareVersion { get; init; }

    internal required uint ResetCount { get; init; }

    internal required uint RestartCount { get; init; }

    internal required ImmutableArray<PcrSelection> Selections { get; init; }

    internal required ReadOnlyMemory<byte> PcrDigest { get; init; }

    internal static Outcome<TpmAttest> Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > BytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"TPM quote: {bytes.Length} bytes; at most {BytesMax} are read");
        }

        TpmReader reader = new(bytes);
        uint magic = reader.U32();
        ushort type = reader.U16();
        ReadOnlyMemory<byte> signer = reader.Sized(128);
        ReadOnlyMemory<byte> extra = reader.Sized(128);
        reader.U64();
        uint resets = reader.U32();
        uint restarts = reader.U32();
        byte safe = reader.U8();
        ulong firmware = reader.U64();
        ImmutableArray<PcrSelection> selections = ReadSelections(reader);
        ReadOnlyMemory<byte> digest = reader.Sized(64);
        if (!reader.AtEnd || magic != Magic || type != TypeQuote || safe > 1 || selections.IsEmpty)
        {
            return new Failure(FailureKind.Malformed, "TPM quote: not a TPMS_ATTEST of type TPM_ST_ATTEST_QUOTE over registers of known banks");
        }

        return new TpmAttest
        {
            Raw = bytes,
            QualifiedSigner = signer,
            ExtraData = extra,
            FirmwareVersion = firmware,
            ResetCount = resets,
            RestartCount = restarts,
            Selections = selections,
            PcrDigest = digest,
        };
    }

    private static ImmutableArray<PcrSelection> ReadSelections(TpmReader reader)
    {
        uint count = reader.U32();
        if (count > SelectionsMax)
        {
            return [];
        }

        var selections = ImmutableArray.CreateBuilder<PcrSelection>();
        for (int i = 0; i < count; i++)
        {
            ushort bank = reader.U16();
            int length = reader.U8();
            ReadOnlySpan<byte> bits = reader.Take(Math.Min(length, 4)).Span;
            if (length > 4 || !Enum.IsDefined((TpmHash)bank))
            {
                return [];
            }

            var indices = ImmutableArray.CreateBuilder<int>();
            for (int index = 0; index < bits.Length * 8; index++)
            {
                if ((bits[index / 8] & (1 << (index % 8))) != 0)
                {
                    indices.Add(index);
                }
            }

            selections.Add(new PcrSelection((TpmHash)bank, indices.ToImmutable()));
        }

        return selections.ToImmutable();
    }
}
