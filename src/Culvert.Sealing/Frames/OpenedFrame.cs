namespace Culvert.Sealing;

/// <summary>
/// What a frame says once it is opened. Its payload is where the frame was:
/// <c>frame.Slice(FrameFormat.PayloadOffset, Header.PayloadBytes)</c>.
/// </summary>
/// <param name="Header">The header, authenticated where the frame was sealed.</param>
/// <param name="WatermarkTicks">The producer's watermark, in ticks of 100 ns since 0001-01-01 UTC; for data frames 0.</param>
/// <param name="RecordCount">Rows in the payload, 0 to <see cref="FrameFormat.RecordsMax"/>; 0 unless it is a data frame.</param>
public readonly record struct OpenedFrame(FrameHeader Header, long WatermarkTicks, int RecordCount);
