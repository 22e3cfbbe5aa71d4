using System.Collections.Immutable;
using Culvert.Attestation;

namespace Culvert.Cli.Commands.Measure;

/// <summary>What <c>culvert measure</c> was asked.</summary>
internal sealed record MeasureRequest(string Path, EvidenceKind Tee)
{
    /// <summary>Where the image goes; null: nowhere.</summary>
    internal string? Output { get; init; }

    internal string? Kernel { get; init; }

    internal string? Firmware { get; init; }

    internal string CommandLine { get; init; } = "";

    /// <summary>The first process of a guest; null: the program.</summary>
    internal string? Init { get; init; }

    /// <summary>The root of the system whose libraries a guest or an SGX enclave gets.</summary>
    internal string System { get; init; } = "/";

    internal int Processors { get; init; } = 1;

    internal string ProcessorType { get; init; } = "EPYC-v4";

    internal ulong Features { get; init; } = 1;

    internal SnpMonitor Monitor { get; init; }

    internal TdxPageOrder PageOrder { get; init; }

    /// <summary>Registers of a trust domain whose values are known from elsewhere.</summary>
    internal ImmutableSortedDictionary<string, string> Registers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Reads a whole file that an option names; null when the option is not given.</summary>
    internal static byte[]? Read(string? path, string option)
    {
        try
        {
            return path is null ? null : File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw CommandFailedException.Usage($"{option} {path}: {failure.Message}");
        }
    }
}
