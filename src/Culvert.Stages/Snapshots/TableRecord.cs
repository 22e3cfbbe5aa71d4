namespace Culvert.Stages;

/// <summary>A table as a partition's record describes it: its shape, and its pages in order of the hashes they cover.</summary>
internal sealed record TableRecord(
    string Name, int KeySize, int ValueSize, long Count, List<(byte Depth, PageLocation Location)> Pages);
