namespace Culvert.Stages;

/// <summary>One of a partition's segments: the round whose snapshot wrote it, and its place among those, from 0.</summary>
internal readonly record struct SegmentId(Round Round, int Ordinal) : IComparable<SegmentId>
{
    public int CompareTo(SegmentId other)
    {
        int round = Round.CompareTo(other.Round);
        return round != 0 ? round : Ordinal.CompareTo(other.Ordinal);
    }
}
