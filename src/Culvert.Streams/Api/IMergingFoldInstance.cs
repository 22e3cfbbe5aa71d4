using System.Buffers;

namespace Culvert.Streams;

/// <summary>Fold code whose states can be merged, so that parts of a key's events may be folded apart.</summary>
public interface IMergingFoldInstance : IFoldInstance
{
    /// <summary>Makes a group's state that of its own events and of later ones, whose state <see cref="IFoldInstance.Save"/> wrote.</summary>
    void Merge(int group, ReadOnlySpan<byte> later);
}
