namespace Culvert.Streams;

/// <summary>What the command line gives a job that is defined.</summary>
/// <param name="inputs">Files or patterns to read.</param>
/// <param name="output">Where results go.</param>
/// <param name="parameters">Values by name.</param>
public sealed class JobContext(IReadOnlyList<string> inputs, SinkSpec output, IReadOnlyDictionary<string, string> parameters)
{
    /// <summary>Files or patterns to read, as they were given.</summary>
    public IReadOnlyList<string> Inputs { get; } = inputs;

    /// <summary>Where results go: a table on the terminal unless the command line says otherwise.</summary>
    public SinkSpec Output { get; } = output;

    /// <summary>A value by name, or the default.</summary>
    public string Parameter(string name, string defaultValue) => parameters.GetValueOrDefault(name, defaultValue);
}
