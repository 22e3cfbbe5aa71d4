using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>
/// A crypto-agile boot event log (TCG PC client platform firmware profile, 10.2), replayed: what each register would be after
/// all events. Little-endian. The log itself is not signed; it is worth what the quote over the registers makes it.
/// </summary>
internal static class EventLog
{
    internal const int BytesMax = 1024 * 1024;
    private const int EventsMax = 65_536;
    private const int AlgorithmsMax = 8;
    private const uint NoAction = 3;
    private const int LegacyDigestBytes = 20;

    private static ReadOnlySpan<byte> SpecId => "Spec ID Event03\0"u8;

    private static ReadOnlySpan<byte> StartupLocality => "StartupLocality\0"u8;

    /// <summary>The registers that the log extends in a bank, with their last values.</summary>
    internal static Outcome<ImmutableSortedDictionary<int, byte[]>> Replay(ReadOnlyMemory<byte> log, TpmHash bank)
    {
        if (log.Length > BytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"event log: {log.Length} bytes; at most {BytesMax} are read");
        }

        TpmReader reader = new(log);
        Dictionary<ushort, int> sizes = ReadHeader(reader);
        if (reader.Failed || !sizes.TryGetValue((ushort)bank, out int size) || size != PcrValues.SizeOf(bank))
        {
            return Malformed($"it does not begin with a specification event that names the bank {bank}");
        }

        Dictionary<int, byte[]> registers = [];
        byte startup = 0;
        for (int count = 0; !reader.IsEmpty; count++)
        {
            uint index = reader.LittleU32();
            uint type = reader.LittleU32();

            // Firmware hands over a buffer whose unused rest is filled with ones.
            if (index == uint.MaxValue && type == uint.MaxValue)
            {
                break;
            }

            if (count == EventsMax || index >= PcrValues.RegistersMax || ReadDigest(reader, sizes, bank) is not { } digest)
            {
                return Malformed($"event {count + 1} is malformed, or there are over {EventsMax}");
            }

            ReadOnlyMemory<byte> content = reader.Take(reader.LittleU32());
            if (type == NoAction)
            {
                startup = content.Length == 17 && content.Span.StartsWith(StartupLocality) ? content.Span[16] : startup;
            }
            else
            {
                Extend(registers, (int)index, digest.Span, bank, startup);
            }
        }

        return reader.Failed ? Malformed("its last event is cut off") : registers.ToImmutableSortedDictionary();
    }

    /// <summary>The value a register has before anything extends it.</summary>
    internal static byte[] Initial(int index, TpmHash bank)
    {
        byte[] value = new byte[PcrValues.SizeOf(bank)];
        if (index is >= 17 and <= 22)
        {
            value.AsSpan().Fill(0xFF);
        }

        return value;
    }

    private static Dictionary<ushort, int> ReadHeader(TpmReader reader)
    {
        Dictionary<ushort, int> sizes = [];
        uint index = reader.LittleU32();
        uint type = reader.LittleU32();
        reader.Take(LegacyDigestBytes);
        TpmReader content = new(reader.Take(reader.LittleU32()));
        bool known = content.Take(SpecId.Length).Span.SequenceEqual(SpecId);
        content.Take(8);
        uint count = content.LittleU32();
        for (int i = 0; i < count && count <= AlgorithmsMax && !content.Failed; i++)
        {
            ushort algorithm = content.LittleU16();
            sizes[algorithm] = content.LittleU16();
        }

        content.Take(content.U8());
        if (index != 0 || type != NoAction || !known || !content.AtEnd)
        {
            sizes.Clear();
        }

        return sizes;
    }

    private static ReadOnlyMemory<byte>? ReadDigest(TpmReader reader, Dictionary<ushort, int> sizes, TpmHash bank)
    {
        ReadOnlyMemory<byte>? found = null;
        uint count = reader.LittleU32();
        if (count > AlgorithmsMax)
        {
            return null;
        }

        for (int i = 0; i < count; i++)
        {
            ushort algorithm = reader.LittleU16();
            if (!sizes.TryGetValue(algorithm, out int size))
            {
                return null;
            }

            ReadOnlyMemory<byte> digest = reader.Take(size);
            found = algorithm == (ushort)bank ? digest : found;
        }

        return reader.Failed ? null : found;
    }

    private static void Extend(Dictionary<int, byte[]> registers, int index, ReadOnlySpan<byte> digest, TpmHash bank, byte startup)
    {
        if (!registers.TryGetValue(index, out byte[]? value))
        {
            value = Initial(index, bank);

            // Firmware that starts the TPM from another locality leaves its number in register 0.
            value[^1] = index == 0 ? startup : value[^1];
        }

        registers[index] = CryptographicOperations.HashData(TpmSignature.NameOf(bank), [.. value, .. digest]);
    }

    private static Failure Malformed(string why) => new(FailureKind.Malformed, $"event log: {why}");
}
