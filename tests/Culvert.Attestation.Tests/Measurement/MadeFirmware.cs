using System.Buffers.Binary;

namespace Culvert.Attestation.Tests;

/// <summary>The firmware that <c>tests/vectors/measurement/firmware.txt</c> describes.</summary>
internal static class MadeFirmware
{
    internal const int Bytes = 0x10000;
    internal const int SevFromEnd = 0x1000;
    internal const int TdxFromEnd = 0x2000;

    private static readonly uint[][] s_sev =
    [
        [0x800000, 0x2000, 1], [0x80d000, 0x1000, 2], [0x80e000, 0x1000, 3], [0x80f000, 0x1000, 4], [0x810000, 0x1000, 0x10], [0x811000, 0x1000, 1],
    ];

    private static readonly ulong[][] s_tdx =
    [
        [0x4000, 0xc000, 0xffff4000, 0xc000, 0, 1], [0, 0x4000, 0xffff0000, 0x4000, 1, 0], [0, 0, 0x810000, 0x2000, 3, 0],
        [0, 0, 0x809000, 0x1000, 2, 0], [0, 0, 0x1000000, 0x2000, 4, 2], [0, 0x800, 0x820000, 0x2000, 0, 1],
    ];

    internal static byte[] Make(bool hasSev = true, bool hasTdx = true, uint hashTable = 0x810c00)
    {
        byte[] image = new byte[Bytes];
        for (int i = 0; i < Bytes; i++)
        {
            image[i] = (byte)((i * 7) + ((i >> 8) * 13));
        }

        byte[] table =
        [
            .. hasTdx ? Entry("e47a6535-984a-4798-865e-4685a7bf8ec2", TdxFromEnd) : [],
            .. hasSev ? Entry("dc886566-984a-4798-a75e-5585a7bf67cc", SevFromEnd) : [],
            .. Entry("7255371f-3a3b-4b04-927b-1da6efa8d454", hashTable, 0x400),
            .. Entry("00f771de-1a7e-4fcb-890e-68c77e2fb44e", 0x80b004),
        ];
        byte[] whole = [.. table, .. Numbers16((ushort)(table.Length + 18)), .. new Guid("96b582de-1fb2-45f7-baea-a366c55a082d").ToByteArray()];
        whole.CopyTo(image, Bytes - 32 - whole.Length);

        byte[] sev = [.. "ASEV"u8, .. Numbers((uint)(16 + (12 * s_sev.Length)), 1, (uint)s_sev.Length), .. s_sev.SelectMany(section => Numbers(section))];
        sev.CopyTo(image, Bytes - SevFromEnd);
        byte[] tdx = [.. "TDVF"u8, .. Numbers((uint)(16 + (32 * s_tdx.Length)), 1, (uint)s_tdx.Length), .. s_tdx.SelectMany(TdxSection)];
        tdx.CopyTo(image, Bytes - TdxFromEnd);
        return image;
    }

    private static byte[] TdxSection(ulong[] section)
    {
        byte[] bytes = new byte[32];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)section[0]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), (uint)section[1]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), section[2]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), section[3]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), (uint)section[4]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(28), (uint)section[5]);
        return bytes;
    }

    private static byte[] Entry(string id, params uint[] data) =>
        [.. Numbers(data), .. Numbers16((ushort)((4 * data.Length) + 18)), .. new Guid(id).ToByteArray()];

    private static byte[] Numbers(params uint[] numbers)
    {
        byte[] bytes = new byte[4 * numbers.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * i), numbers[i]);
        }

        return bytes;
    }

    private static byte[] Numbers16(ushort number) => [(byte)number, (byte)(number >> 8)];
}
