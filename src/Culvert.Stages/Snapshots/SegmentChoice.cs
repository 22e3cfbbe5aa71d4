namespace Culvert.Stages;

/// <summary>Decides which stored segments a snapshot goes on using; the live pages of the others are written again.</summary>
internal static class SegmentChoice
{
    /// <summary>
    /// Segments that are mostly dead are given up, so that what is stored stays below twice what is live; so are the smallest
    /// when there are too many.
    /// </summary>
    internal static HashSet<SegmentId> ToGiveUp(
        IReadOnlyDictionary<SegmentId, int> segmentBytes, IReadOnlyDictionary<SegmentId, long> liveBytes)
    {
        HashSet<SegmentId> givenUp = [];
        List<SegmentId> kept = [];
        foreach ((SegmentId segment, long live) in liveBytes)
        {
            if (live * 2 < segmentBytes[segment])
            {
                givenUp.Add(segment);
            }
            else
            {
                kept.Add(segment);
            }
        }

        // Half of the limit is left to the segments that this snapshot writes.
        if (kept.Count > SnapshotFormat.SegmentsMax / 2)
        {
            kept.Sort((left, right) =>
            {
                int byLive = liveBytes[left].CompareTo(liveBytes[right]);
                return byLive != 0 ? byLive : left.CompareTo(right);
            });
            givenUp.UnionWith(kept.Take(kept.Count / 2));
        }

        return givenUp;
    }
}
