namespace Culvert.Engine;

/// <summary>How a hosted run ended.</summary>
internal enum HostOutcome : byte
{
    /// <summary>All input was worked off.</summary>
    Finished = 1,

    /// <summary>It was stopped early.</summary>
    Stopped = 2,

    /// <summary>It failed.</summary>
    Failed = 3,
}
