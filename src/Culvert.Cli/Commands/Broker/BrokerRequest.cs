using Culvert.Cli.Commands.Keys;

namespace Culvert.Cli.Commands.Broker;

/// <summary>What <c>culvert broker</c> was asked for.</summary>
internal sealed record BrokerRequest
{
    internal required string[] Manifests { get; init; }

    internal required OwnerKeyChoice[] Keys { get; init; }

    internal required Uri Listen { get; init; }

    /// <summary>Names of the host beside the one that it listens on.</summary>
    internal required string[] Names { get; init; }

    /// <summary>The folder of the store; with several owners, of their stores.</summary>
    internal required string Store { get; init; }

    /// <summary>Where the authority's certificate goes.</summary>
    internal required string Authority { get; init; }

    internal string? Certificate { get; init; }

    internal string? CertificateKey { get; init; }

    /// <summary>Null for standard output.</summary>
    internal string? Records { get; init; }

    /// <summary>The folder of collateral, or null.</summary>
    internal string? Collateral { get; init; }

    internal bool IsDryRun { get; init; }
}
