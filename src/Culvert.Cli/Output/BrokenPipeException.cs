namespace Culvert.Cli.Output;

/// <summary>Whoever read standard output has gone: nothing that is written now is wanted.</summary>
internal sealed class BrokenPipeException() : IOException("whoever read it has gone");
