namespace Culvert.Cli.Output;

/// <summary>Standard output or standard error cannot be written to: the message is the operating system's.</summary>
internal sealed class OutputFailedException(string message) : IOException(message);
