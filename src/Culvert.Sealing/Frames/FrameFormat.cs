namespace Culvert.Sealing;

/// <summary>Sizes and limits of a frame (docs/specs/frame.md). All sizes are in bytes.</summary>
public static class FrameFormat
{
    /// <summary>The format that is written, and the only one that is read.</summary>
    public const byte Version = 1;

    /// <summary>Length of the header, which is in the clear and authenticated.</summary>
    public const int HeaderBytes = 88;

    /// <summary>Length of the fields in front of the payload, which are sealed with it: watermark, record count, zeros.</summary>
    public const int InnerBytes = 16;

    /// <summary>Where the payload begins in a frame.</summary>
    public const int PayloadOffset = HeaderBytes + InnerBytes;

    /// <summary>Length of the authentication tag at the end of a sealed frame; an open frame has none.</summary>
    public const int TagBytes = 16;

    /// <summary>The longest payload: 64 MiB. A receiver takes memory for one frame of a channel at a time.</summary>
    public const int PayloadBytesMax = 64 << 20;

    /// <summary>The longest frame.</summary>
    public const int FrameBytesMax = PayloadOffset + PayloadBytesMax + TagBytes;

    /// <summary>The most records of a frame: 16 Mi, as of a batch (docs/specs/batch.md).</summary>
    public const int RecordsMax = 16 << 20;

    /// <summary>The most frames that one instance key seals: 2^32, half of what the nonce could number, so that no counter is near its end.</summary>
    public const long FramesPerKeyMax = 1L << 32;

    /// <summary>The most bytes that one instance key seals: 64 TiB, so that an attacker's advantage stays below 2^-43 (see the specification).</summary>
    public const long BytesPerKeyMax = 1L << 46;

    /// <summary>The length of a frame with a payload of this length.</summary>
    /// <param name="payloadBytes">Length of the payload.</param>
    /// <param name="isSealed">True for a sealed frame, which has a tag.</param>
    public static int FrameBytes(int payloadBytes, bool isSealed) => PayloadOffset + payloadBytes + (isSealed ? TagBytes : 0);
}
