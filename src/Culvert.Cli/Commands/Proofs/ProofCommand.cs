using System.CommandLine;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Output;
using Culvert.Sealing;

namespace Culvert.Cli.Commands.Proofs;

/// <summary><c>culvert proof</c>: what is done to a proof after the run. Checking one is <c>culvert verify</c>.</summary>
internal static class ProofCommand
{
    private const int ResponseBytesMax = ProofLimits.TokenBytesMax;

    internal static Command Make()
    {
        Command proof = new("proof", "Date a result's proof, or make one to publish; 'verify' checks it");
        proof.Add(Stamp());
        proof.Add(Publish());
        return proof;
    }

    private static Command Stamp()
    {
        Argument<string> file = new("PROOF") { Description = "The proof" };
        Option<string?> key = OwnerKeyOptions.Key();
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        Option<string?> request = new("--request") { Description = "Write a query for a time-stamping authority (RFC 3161)", HelpName = "FILE" };
        Option<string?> response = new("--response") { Description = "Put the authority's response into the proof", HelpName = "FILE" };
        Command command = new("stamp", "Show when a proof was there: by the owner's countersignature, or a time-stamping authority's token") { file, key, passphrase, request, response };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            OwnerKeyChoice? owner = OwnerKeyChoice.Of(parsed, key, passphrase);
            (string? query, string? answer) = (parsed.GetValue(request), parsed.GetValue(response));
            if (new object?[] { owner, query, answer }.Count(o => o is not null) != 1)
            {
                throw CommandFailedException.Usage("say one of: --key FILE (the owner countersigns now), --request FILE (ask an authority), --response FILE (its answer)");
            }

            Proof proof = ProofFiles.ReadProof(path);
            if (query is not null)
            {
                ProofFiles.Write(query, TimestampTokens.Query(proof));
                Terminal.Error.WriteLine($"culvert: {query} asks for a time stamp; send it to an authority (Content-Type: application/timestamp-query), then: culvert proof stamp {path} --response ANSWER");
                return ExitCode.Success;
            }

            ProofFiles.Write(path, ProofDocument.Write(owner is not null ? Countersigned(path, proof, owner) : WithToken(proof, answer!)));
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Publish()
    {
        Argument<string> file = new("PROOF") { Description = "The proof" };
        Option<string> output = new("--output", "-o") { Description = "The proof to publish", HelpName = "FILE", Required = true };
        Command command = new("publish", "Make a proof without the salt: it tells nothing of the rows, and they cannot be compared with it") { file, output };
        command.SetAction(parsed =>
        {
            Proof proof = ProofFiles.ReadProof(parsed.GetValue(file)!);
            ProofFiles.Write(parsed.GetValue(output)!, ProofDocument.Write(proof with { Salt = [] }));
            Terminal.Error.WriteLine($"culvert: {parsed.GetValue(output)} has no salt: time stamps still hold, and rows cannot be compared with it. Keep {parsed.GetValue(file)}");
            return ExitCode.Success;
        });
        return command;
    }

    private static Proof Countersigned(string path, Proof proof, OwnerKeyChoice owner)
    {
        using Secret secret = owner.Open();
        using ECDsa key = SigningKeys.OfOwner(secret);
        if (proof.Manifests.IsEmpty || !proof.Manifests[0].Manifest.OwnerKey.AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()))
        {
            throw new CommandFailedException(ExitCode.Failed, $"{path} is of another owner's job: this key's countersignature would make it fail");
        }

        OwnerTimestamp stamp = OwnerTimestamp.Sign(proof, DateTimeOffset.UtcNow, key);
        Terminal.Error.WriteLine($"culvert: {path}: the owner signed that it is there on {stamp.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        return proof.OwnerTimestamps.Length < ProofLimits.TimestampsMax ? proof with { OwnerTimestamps = [.. proof.OwnerTimestamps, stamp] } : throw Full(path);
    }

    private static Proof WithToken(Proof proof, string response)
    {
        Outcome<byte[]> token = TimestampTokens.Accept(proof, ProofFiles.Read(response, ResponseBytesMax));
        return !token.Succeeded ? throw new CommandFailedException(ExitCode.Failed, $"{response}: {token.Failure.Message}")
            : proof.TimestampTokens.Length < ProofLimits.TimestampsMax ? proof with { TimestampTokens = [.. proof.TimestampTokens, [.. token.Value]] }
            : throw Full(response);
    }

    private static CommandFailedException Full(string what) => new(ExitCode.Failed, $"{what}: the proof has {ProofLimits.TimestampsMax} such time stamps, and may have no more");
}
