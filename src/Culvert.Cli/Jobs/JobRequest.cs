using System.Collections.Immutable;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Cli.Jobs;

/// <summary>A job file and what the command line changes about it.</summary>
internal sealed record JobRequest(string Path)
{
    /// <summary>Files in place of the source's own, of the current folder.</summary>
    internal ImmutableArray<string> Input { get; init; } = [];

    /// <summary>What happens to malformed rows, in place of what the file says.</summary>
    internal MalformedRowPolicy? Malformed { get; init; }

    /// <summary>With <see cref="MalformedRowPolicy.SetAside"/>: where they go.</summary>
    internal string? SetAside { get; init; }

    /// <summary>Whether files are read on as they grow, whatever the file says.</summary>
    internal bool Follow { get; init; }

    /// <summary>Gives the owner's secret, for input that is sealed; null when no key was named.</summary>
    internal Func<Secret>? Owner { get; init; }

    /// <summary>Sealed input is not opened in this process: enclaves get its keys from the owner's broker.</summary>
    internal bool IsSealedForOthers { get; init; }

    /// <summary>The same for an owner whose secret is here, or not; it stays the caller's, until the job has been read and run.</summary>
    internal JobRequest OwnedBy(Secret? owner) => owner is null ? this : this with { Owner = () => Secret.CopyOf(owner.Bytes) };

    /// <summary>Where the job file stands; its paths begin there.</summary>
    internal string Folder => System.IO.Path.GetDirectoryName(Path) ?? "";
}
