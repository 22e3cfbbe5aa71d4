namespace Culvert.Storage;

/// <summary>What a server may send at most; more is malformed, and is not kept.</summary>
internal static class AnswerLimits
{
    /// <summary>Bytes of a body: an object of the greatest length, or a list of 16,000 entries of 1 KiB, with room for its frame.</summary>
    internal const int BodyBytesMax = CloudLimits.ObjectBytesMax + (1 << 20);

    /// <summary>KiB of all headers of an answer.</summary>
    internal const int HeaderKiBMax = 32;

    /// <summary>Pages that one listing goes through before it counts as endless: a million names that are passed over.</summary>
    internal const int PagesMax = 1000;
}

/// <summary>A server sent more than <see cref="AnswerLimits.BodyBytesMax"/>.</summary>
internal sealed class AnswerTooLargeException() : IOException($"its answer is longer than {AnswerLimits.BodyBytesMax} bytes");
