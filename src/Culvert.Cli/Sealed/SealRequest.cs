using System.Collections.Immutable;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Output;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Cli.Sealed;

/// <summary>What <c>culvert seal</c> was asked for.</summary>
internal sealed record SealRequest(ImmutableArray<string> Inputs, OwnerKeyChoice Key, string Output)
{
    /// <summary>The columns to seal; empty for all.</summary>
    internal string[] Columns { get; init; } = [];

    /// <summary>Types in place of inferred ones.</summary>
    internal ImmutableDictionary<string, ColumnType> Types { get; init; } = ImmutableDictionary<string, ColumnType>.Empty;

    /// <summary>Fields that mean that there is no value; null takes the job's, or the empty field.</summary>
    internal ImmutableArray<string>? Missing { get; init; }

    /// <summary>A job file whose source says how the files are read.</summary>
    internal string? Job { get; init; }

    internal MalformedRowPolicy? Malformed { get; init; }

    internal string? SetAside { get; init; }

    internal bool Force { get; init; }

    internal bool Quiet { get; init; }

    /// <summary>Throws <see cref="CommandFailedException"/> where something is in the way.</summary>
    internal void Check()
    {
        if (Output == "-" && DescriptorStream.StandardOutput.IsTerminal)
        {
            throw CommandFailedException.Usage("a sealed file is nothing for a terminal: name a file with --output");
        }

        if (!Force && !OutputFile.IsDevice(Output) && File.Exists(Output))
        {
            throw new CommandFailedException(ExitCode.Failed, $"{Output} is there already; --force replaces it");
        }

        if (Inputs.Any(i => i != "-" && File.Exists(i) && File.Exists(Output) && Path.GetFullPath(i) == Path.GetFullPath(Output)))
        {
            throw CommandFailedException.Usage($"{Output} cannot be sealed into itself");
        }
    }

    /// <summary>Reads <c>column:type</c>; what is none throws.</summary>
    internal static ImmutableDictionary<string, ColumnType> ParseTypes(IEnumerable<string> parts)
    {
        ImmutableDictionary<string, ColumnType>.Builder types = ImmutableDictionary.CreateBuilder<string, ColumnType>(StringComparer.Ordinal);
        foreach (string part in parts)
        {
            int colon = part.LastIndexOf(':');
            if (colon < 1 || !ColumnType.TryParse(part[(colon + 1)..], out ColumnType type))
            {
                throw CommandFailedException.Usage($"--types is a list such as Carrier:text,Delay:int32?, and not '{part}'");
            }

            types[part[..colon]] = type;
        }

        return types.ToImmutable();
    }
}
