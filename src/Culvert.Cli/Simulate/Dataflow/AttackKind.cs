namespace Culvert.Cli.Simulate;

/// <summary>What a hostile router does to one frame.</summary>
internal enum AttackKind
{
    /// <summary>Loses it.</summary>
    Drop,

    /// <summary>Brings it again, some frames later.</summary>
    Repeat,

    /// <summary>Brings it behind the next frame of its channel.</summary>
    Reorder,

    /// <summary>Brings it to another partition, as it is.</summary>
    Misdeliver,

    /// <summary>Writes another partition into its header, and brings it there.</summary>
    ToPartition,

    /// <summary>Writes another edge into its header.</summary>
    ToEdge,

    /// <summary>Writes another producer into its header.</summary>
    Producer,

    /// <summary>Writes another kind into its header.</summary>
    Kind,

    /// <summary>Writes another round into its header.</summary>
    Round,

    /// <summary>Writes another sequence number into its header.</summary>
    Sequence,

    /// <summary>Brings it again after all processes have crashed and the run was resumed.</summary>
    BeforeCrash,
}
