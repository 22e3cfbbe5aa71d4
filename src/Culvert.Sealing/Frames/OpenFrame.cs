using System.Buffers.Binary;

namespace Culvert.Sealing;

/// <summary>
/// Frames in the open form: the bytes of a sealed frame before it is sealed, for edges whose data may be seen. Also the
/// fields in front of the payload, which both forms share. Thread safe.
/// </summary>
public static class OpenFrame
{
    /// <summary>Makes a frame in place around a payload that already lies at <see cref="FrameFormat.PayloadOffset"/>.</summary>
    /// <param name="header">The header; not sealed, without epoch and salt.</param>
    /// <param name="watermarkTicks">See <see cref="OpenedFrame.WatermarkTicks"/>.</param>
    /// <param name="recordCount">See <see cref="OpenedFrame.RecordCount"/>.</param>
    /// <param name="frame">Exactly <see cref="FrameHeader.FrameBytes"/> bytes.</param>
    public static void Write(in FrameHeader header, long watermarkTicks, int recordCount, Span<byte> frame)
    {
        Invariant.Holds(!header.IsSealed && frame.Length == header.FrameBytes);
        header.Write(frame);
        WriteInner(header, watermarkTicks, recordCount, frame);
    }

    /// <summary>Reads a frame in the open form.</summary>
    /// <returns>The frame, or <see cref="FailureKind.Integrity"/> with its name: it is sealed, of another length than it says, or not canonical.</returns>
    public static Outcome<OpenedFrame> Read(ReadOnlySpan<byte> frame)
    {
        Outcome<FrameHeader> read = FrameHeader.Read(frame);
        if (read.Failure is { } failure)
        {
            return new Failure(FailureKind.Integrity, failure.Message);
        }

        FrameHeader header = read.Value;
        return header.IsSealed ? new Failure(FailureKind.Integrity, $"{header} is sealed, on an edge that is open")
            : frame.Length != header.FrameBytes ? WrongLength(header, frame.Length)
            : ReadInner(header, frame);
    }

    internal static Failure WrongLength(in FrameHeader header, int length) =>
        new(FailureKind.Integrity, $"{header} has {length} bytes, where its header says {header.FrameBytes}");

    internal static void WriteInner(in FrameHeader header, long watermarkTicks, int recordCount, Span<byte> frame)
    {
        Invariant.Holds(recordCount is >= 0 and <= FrameFormat.RecordsMax);
        Invariant.Holds(header.Kind == FrameKind.Data ? watermarkTicks == 0 : recordCount == 0);
        Span<byte> inner = frame.Slice(FrameFormat.HeaderBytes, FrameFormat.InnerBytes);
        BinaryPrimitives.WriteInt64LittleEndian(inner, watermarkTicks);
        BinaryPrimitives.WriteInt32LittleEndian(inner[8..], recordCount);
        BinaryPrimitives.WriteInt32LittleEndian(inner[12..], 0);
    }

    /// <summary>Reads the fields in front of the payload, in the clear by now.</summary>
    internal static Outcome<OpenedFrame> ReadInner(in FrameHeader header, ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> inner = frame.Slice(FrameFormat.HeaderBytes, FrameFormat.InnerBytes);
        OpenedFrame opened = new(
            header, BinaryPrimitives.ReadInt64LittleEndian(inner), BinaryPrimitives.ReadInt32LittleEndian(inner[8..]));
        bool fits = opened.RecordCount is >= 0 and <= FrameFormat.RecordsMax
            && BinaryPrimitives.ReadInt32LittleEndian(inner[12..]) == 0
            && (header.Kind == FrameKind.Data ? opened.WatermarkTicks == 0 : opened.RecordCount == 0);
        return fits
            ? opened
            : new Failure(FailureKind.Integrity, $"{header} says {opened.RecordCount} records and the watermark {opened.WatermarkTicks}, or has reserved bytes set, which cannot be");
    }
}
