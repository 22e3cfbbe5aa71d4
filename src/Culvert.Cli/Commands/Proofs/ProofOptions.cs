using System.CommandLine;
using Culvert.Cli.Commands.Keys;

namespace Culvert.Cli.Commands.Proofs;

/// <summary>What somebody asks about a proof.</summary>
internal sealed record ProofRequest(string Proof, string Owner)
{
    internal string? Result { get; init; }

    internal string? Format { get; init; }

    internal string? TimestampCa { get; init; }

    internal bool AllowSimulation { get; init; }

    internal bool Json { get; init; }

    /// <summary>Opens a sealed result.</summary>
    internal OwnerKeyChoice? Key { get; init; }

    internal bool Quiet { get; init; }
}

/// <summary>The options of <c>verify</c> that are for proofs.</summary>
internal sealed class ProofOptions
{
    private readonly Option<string?> _owner = new("--owner") { Description = "Of a proof: the owner's public key (culvert keys public)", HelpName = "FILE" };
    private readonly Option<string?> _result = new("--result") { Description = "Of a proof: the result to compare with: json, jsonl, csv, or sealed (--key opens it; without, its end is compared)", HelpName = "FILE" };
    private readonly Option<string?> _format = JobSymbols.OneOf("--format", "Of a proof: the result's form, where its name does not tell", "json", "jsonl", "csv", "sealed");
    private readonly Option<string?> _timestampCa = new("--timestamp-ca") { Description = "Of a proof: certificates (PEM) of the time-stamping authority that is trusted", HelpName = "FILE" };
    private readonly Option<bool> _allowSimulation = new("--allow-simulation") { Description = "Of a proof: succeed for a simulation that holds, which proves nothing about hardware" };
    private readonly Option<bool> _json = new("--json") { Description = "Of a proof: print one JSON document" };

    internal void AddTo(Command command)
    {
        foreach (Option option in All())
        {
            command.Add(option);
        }
    }

    /// <summary>The name of an option that was given; null when none was.</summary>
    internal string? FirstGiven(ParseResult parsed) => All().FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false })?.Name;

    internal ProofRequest Read(ParseResult parsed, string proof)
    {
        if (parsed.GetValue(_format) is not null && parsed.GetValue(_result) is null)
        {
            throw CommandFailedException.Usage("--format says how the result is written: give the result with --result FILE");
        }

        return new ProofRequest(proof, parsed.GetValue(_owner) ?? throw CommandFailedException.Usage(
            $"{proof} is a proof: --owner FILE says whose it has to be (the owner's public key, which culvert keys public prints)"))
        {
            Result = parsed.GetValue(_result),
            Format = parsed.GetValue(_format),
            TimestampCa = parsed.GetValue(_timestampCa),
            AllowSimulation = parsed.GetValue(_allowSimulation),
            Json = parsed.GetValue(_json),
        };
    }

    private IEnumerable<Option> All() => [_owner, _result, _format, _timestampCa, _allowSimulation, _json];
}
