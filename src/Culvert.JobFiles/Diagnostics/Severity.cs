namespace Culvert.JobFiles;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>The job cannot run.</summary>
    Error = 1,

    /// <summary>The job runs, and probably does not do what was meant.</summary>
    Warning = 2,

    /// <summary>Something that its author should know.</summary>
    Note = 3,
}
