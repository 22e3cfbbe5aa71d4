namespace Culvert.Stages;

/// <summary>A page of a version: its place in the directory, the bits of hash that it covers, and its content's stamp.</summary>
internal readonly record struct StatePageName(int At, int Depth, ulong Stamp);
