using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>
/// The security versions of the parts of a platform (TCB_VERSION, AMD 56860, 2.2). Turin orders the bytes anew and adds the
/// firmware's microcontroller; elsewhere <see cref="Fmc"/> is null.
/// </summary>
internal sealed record SnpTcb(int? Fmc, int Bootloader, int Tee, int Snp, int Microcode)
{
    internal static SnpTcb Read(ReadOnlySpan<byte> bytes, AmdProduct product) => product == AmdProduct.Turin
        ? new SnpTcb(bytes[0], bytes[1], bytes[2], bytes[3], bytes[7])
        : new SnpTcb(null, bytes[0], bytes[1], bytes[6], bytes[7]);

    /// <summary>Bytes of the encoding that are reserved and zero.</summary>
    internal static bool ReservedIsZero(ReadOnlySpan<byte> bytes, AmdProduct product) =>
        !(product == AmdProduct.Turin ? bytes[4..7] : bytes[2..6]).ContainsAnyExcept((byte)0);

    internal ImmutableSortedDictionary<string, int> Parts
    {
        get
        {
            var parts = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
            if (Fmc is { } fmc)
            {
                parts["fmc"] = fmc;
            }

            parts["bootloader"] = Bootloader;
            parts["tee"] = Tee;
            parts["snp"] = Snp;
            parts["microcode"] = Microcode;
            return parts.ToImmutable();
        }
    }

    /// <summary>Whether no part is over the other's.</summary>
    internal bool IsAtMost(SnpTcb other) =>
        (Fmc ?? 0) <= (other.Fmc ?? 0) && Bootloader <= other.Bootloader && Tee <= other.Tee && Snp <= other.Snp && Microcode <= other.Microcode;
}
