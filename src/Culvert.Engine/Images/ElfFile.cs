using System.Buffers.Binary;
using System.Text;

namespace Culvert.Engine;

/// <summary>What a program or library of Linux on x64 needs to be loaded (System V ABI, "Dynamic Linking").</summary>
/// <param name="Interpreter">The path of the loader; null for libraries and for programs that need none.</param>
/// <param name="Needed">The libraries that it names, in order.</param>
public sealed record ElfFile(string? Interpreter, IReadOnlyList<string> Needed)
{
    private const int HeaderBytes = 64;
    private const int ProgramHeaderBytes = 56;
    private const int ProgramHeadersMax = 128;
    private const int DynamicEntriesMax = 4096;
    private const ushort X64 = 62;

    /// <summary>Whether these bytes begin such a file.</summary>
    public static bool Is(ReadOnlySpan<byte> bytes) => bytes.Length >= HeaderBytes && bytes.StartsWith("\u007fELF\u0002\u0001"u8);

    /// <summary>Reads it; refuses another processor's and a broken one.</summary>
    public static Outcome<ElfFile> Read(ReadOnlySpan<byte> bytes)
    {
        if (!Is(bytes) || BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]) != X64)
        {
            return new Failure(FailureKind.Mismatch, "not a program or library for Linux on x64");
        }

        List<(ulong Offset, ulong Address, ulong Bytes)> loaded = [];
        (ulong Offset, ulong Bytes)? dynamic = null;
        string? interpreter = null;
        ulong table = BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[56..]);
        if (count > ProgramHeadersMax || !Fits(bytes, table, (ulong)count * ProgramHeaderBytes))
        {
            return Broken();
        }

        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> at = bytes.Slice((int)table + (i * ProgramHeaderBytes), ProgramHeaderBytes);
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(at[8..]);
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(at[32..]);
            if (!Fits(bytes, offset, length))
            {
                return Broken();
            }

            switch (BinaryPrimitives.ReadUInt32LittleEndian(at))
            {
                case 1:
                    loaded.Add((offset, BinaryPrimitives.ReadUInt64LittleEndian(at[16..]), length));
                    break;
                case 2:
                    dynamic = (offset, length);
                    break;
                case 3:
                    interpreter = Text(bytes.Slice((int)offset, (int)length));
                    break;
            }
        }

        return dynamic is var (begin, size)
            ? ReadDynamic(bytes, bytes.Slice((int)begin, (int)size), loaded, interpreter)
            : new ElfFile(interpreter, []);
    }

    private static Outcome<ElfFile> ReadDynamic(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> dynamic, List<(ulong Offset, ulong Address, ulong Bytes)> loaded, string? interpreter)
    {
        List<ulong> names = [];
        ulong textAddress = 0;
        for (int i = 0; i < Math.Min(dynamic.Length / 16, DynamicEntriesMax); i++)
        {
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(dynamic[((16 * i) + 8)..]);
            switch (BinaryPrimitives.ReadInt64LittleEndian(dynamic[(16 * i)..]))
            {
                case 0:
                    i = DynamicEntriesMax;
                    break;
                case 1:
                    names.Add(value);
                    break;
                case 5:
                    textAddress = value;
                    break;
            }
        }

        if (names.Count == 0)
        {
            return new ElfFile(interpreter, []);
        }

        foreach ((ulong offset, ulong address, ulong length) in loaded)
        {
            if (textAddress >= address && textAddress - address < length)
            {
                ulong texts = offset + (textAddress - address);
                ulong textBytes = (ulong)bytes.Length - texts;
                return names.TrueForAll(name => name < textBytes)
                    ? new ElfFile(interpreter, Texts(bytes[(int)texts..], names))
                    : Broken();
            }
        }

        return Broken();
    }

    private static List<string> Texts(ReadOnlySpan<byte> texts, List<ulong> names)
    {
        List<string> read = [];
        foreach (ulong name in names)
        {
            read.Add(Text(texts[(int)name..]));
        }

        return read;
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private static bool Fits(ReadOnlySpan<byte> bytes, ulong offset, ulong length) =>
        offset <= (ulong)bytes.Length && length <= (ulong)bytes.Length - offset;

    private static Failure Broken() => new(FailureKind.Malformed, "a broken program or library");
}
