using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Culvert.Stages;

/// <summary>Where a page's payload is stored, and what its bytes must be.</summary>
internal readonly record struct PageLocation(SegmentId Segment, int Offset, int Length, UInt128 DigestHigh, UInt128 DigestLow)
{
    internal static PageLocation Of(SegmentId segment, int offset, ReadOnlySpan<byte> payload)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(payload, digest);
        return new PageLocation(
            segment,
            offset,
            payload.Length,
            BinaryPrimitives.ReadUInt128BigEndian(digest),
            BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
    }
}
