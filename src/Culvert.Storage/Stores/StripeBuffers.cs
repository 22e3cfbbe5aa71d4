using System.Collections.Concurrent;

namespace Culvert.Storage;

/// <summary>
/// Room for coded chunks. A buffer is with one chunk from its coding until the last put of it has ended; those of full chunks are
/// used again. Thread safe.
/// </summary>
/// <param name="code">How they are coded.</param>
/// <param name="codedBytesMax">Length of a full chunk before coding.</param>
/// <param name="shareBytes">Room that each block may need besides.</param>
internal sealed class StripeBuffers(ErasureCode code, int codedBytesMax, int shareBytes)
{
    // Shorter ones are not worth keeping.
    private const int KeptBytesMin = 64 << 10;

    private readonly ConcurrentBag<byte[]> _free = [];
    private readonly int _besides = shareBytes * code.Blocks;
    private readonly int _wholeBytes = (code.DataBlocks == 1 ? codedBytesMax : code.StripeBytes(codedBytesMax)) + (shareBytes * code.Blocks);

    /// <summary>Room for a chunk of so many bytes of plaintext.</summary>
    internal byte[] Rent(int plainBytes)
    {
        int coded = plainBytes + ChunkCipher.TagBytes;
        int bytes = Math.Min(_wholeBytes, code.StripeBytes(coded) + _besides);
        return bytes * 2L >= _wholeBytes && _free.TryTake(out byte[]? kept)
            ? kept
            : GC.AllocateUninitializedArray<byte>(bytes * 2L >= _wholeBytes ? _wholeBytes : bytes);
    }

    internal void Return(byte[] buffer)
    {
        if (buffer.Length == _wholeBytes && _wholeBytes >= KeptBytesMin)
        {
            _free.Add(buffer);
        }
    }
}
