namespace Culvert.Streams;

/// <summary>What a plan that is read back may have at most (docs/specs/plan.md). Each is checked before anything of that size is allocated.</summary>
public static class PlanLimits
{
    /// <summary>Bytes of the canonical form: a full lookup table of short rows fits.</summary>
    public const int BytesMax = 1 << 28;

    /// <summary>Stages.</summary>
    public const int StagesMax = 4_096;

    /// <summary>Edges.</summary>
    public const int EdgesMax = 16_384;

    /// <summary>Partitions of a stage; what the planner allows.</summary>
    public const int PartitionsMax = 1_024;

    /// <summary>Operators of one stage.</summary>
    public const int OperatorsMax = 4_096;

    /// <summary>Inputs of one operator.</summary>
    public const int InputsMax = 4_096;

    /// <summary>Columns of a schema, keys, aggregates or selected columns: as many as an expression can name.</summary>
    public const int ColumnsMax = 65_536;

    /// <summary>Constraint labels of a stage.</summary>
    public const int ConstraintsMax = 1_024;

    /// <summary>Bytes of a name: of the job, a stage, a column, a table, a label; what an expression allows.</summary>
    public const int NameBytesMax = 4_096;

    /// <summary>Bytes of a code's identity, or of a source's or sink's canonical text; constants that code captured are in it.</summary>
    public const int IdentityBytesMax = 1 << 24;
}
