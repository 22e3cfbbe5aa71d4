using System.Buffers.Binary;

namespace Culvert.Streams;

/// <summary>How a column's values are written (docs/specs/column.md).</summary>
internal enum ColumnForm : byte
{
    Raw = 1,
    Narrow = 2,
    LaidOut = 3,
    ByNumber = 4,
}

/// <summary>What a reader needs to know about a column before it reads its values.</summary>
/// <param name="Form">How values are written.</param>
/// <param name="Missing">Whether there is a validity bitmap.</param>
/// <param name="Width">Bytes of a narrow value, a code or a laid-out length: 0, 1, 2 or 4.</param>
/// <param name="Base">What is added to narrow values.</param>
/// <param name="Entries">Entries of the dictionary.</param>
/// <param name="LengthWidth">Bytes of an entry's length.</param>
/// <param name="DataBytes">Bytes of text.</param>
internal readonly record struct ColumnEncoding(
    ColumnForm Form, bool Missing, int Width = 0, ulong Base = 0, int Entries = 0, int LengthWidth = 0, int DataBytes = 0)
{
    internal byte[] ToBytes()
    {
        byte[] bytes = new byte[SizeOf(Form)];
        bytes[0] = (byte)Form;
        bytes[1] = Missing ? (byte)1 : (byte)0;
        switch (Form)
        {
            case ColumnForm.Narrow:
                bytes[2] = (byte)Width;
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(3), Base);
                break;
            case ColumnForm.LaidOut:
                bytes[2] = (byte)Width;
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(3), DataBytes);
                break;
            case ColumnForm.ByNumber:
                bytes[2] = (byte)Width;
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(3), Entries);
                bytes[7] = (byte)LengthWidth;
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), DataBytes);
                break;
            default:
                break;
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null for anything else.</summary>
    internal static ColumnEncoding? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2 || (ColumnForm)bytes[0] is < ColumnForm.Raw or > ColumnForm.ByNumber || bytes[1] > 1 || bytes.Length != SizeOf((ColumnForm)bytes[0]))
        {
            return null;
        }

        bool missing = bytes[1] == 1;
        ColumnEncoding read = (ColumnForm)bytes[0] switch
        {
            ColumnForm.Narrow => new(ColumnForm.Narrow, missing, bytes[2], BinaryPrimitives.ReadUInt64LittleEndian(bytes[3..])),
            ColumnForm.LaidOut => new(ColumnForm.LaidOut, missing, bytes[2], DataBytes: BinaryPrimitives.ReadInt32LittleEndian(bytes[3..])),
            ColumnForm.ByNumber => new(
                ColumnForm.ByNumber, missing, bytes[2], 0, BinaryPrimitives.ReadInt32LittleEndian(bytes[3..]), bytes[7], BinaryPrimitives.ReadInt32LittleEndian(bytes[8..])),
            _ => new(ColumnForm.Raw, missing),
        };
        return IsWidth(read.Width) && IsWidth(read.LengthWidth) && read.DataBytes >= 0 && read.Entries >= 0
            && (read.Form != ColumnForm.ByNumber || read.Entries > 0) ? read : null;
    }

    private static int SizeOf(ColumnForm form) => form switch
    {
        ColumnForm.Narrow => 11,
        ColumnForm.LaidOut => 7,
        ColumnForm.ByNumber => 12,
        _ => 2,
    };

    private static bool IsWidth(int width) => width is 0 or 1 or 2 or 4;
}
