using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Culvert.Cli.Output;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Keys;

/// <summary><c>culvert keys public</c>: the public signing key that follows from an owner's key, for whoever checks what the owner signed.</summary>
internal static class PublicKeyCommand
{
    internal static Command Make()
    {
        Argument<string> file = new("FILE") { Description = "The owner's key" };
        Option<string?> output = new("--output", "-o") { Description = "The file to write instead of standard output", HelpName = "FILE" };
        Option<bool> broker = new("--broker") { Description = "The key that the owner's broker signs attestation results with, instead of the owner's own" };
        Option<bool> store = new("--store") { Description = "The store card instead: the two keys by which the owner of a store lets this key's holder read or write, or by which others know that owner" };
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        Command command = new("public", "Print the owner's public signing key (PEM), by which others check manifests and proofs") { file, output, broker, store, passphrase };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(broker) && parsed.GetValue(store))
            {
                throw CommandFailedException.Usage("--broker and --store are two different public keys: say one of them");
            }

            using Secret owner = OwnerKeys.Open(parsed.GetValue(file)!, parsed.GetValue(passphrase), Terminal.Error);
            string text = parsed.GetValue(store) ? Card(owner) : Pem(owner, parsed.GetValue(broker));
            if (parsed.GetValue(output) is { } path)
            {
                using OutputFile written = new(path);
                written.Write(stream => stream.Write(Encoding.ASCII.GetBytes(text)));
                written.Complete();
            }
            else
            {
                Terminal.Out.Write(text);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static string Pem(Secret owner, bool isOfBroker)
    {
        using ECDsa key = isOfBroker ? SigningKeys.OfBroker(owner) : SigningKeys.OfOwner(owner);
        return key.ExportSubjectPublicKeyInfoPem() + "\n";
    }

    private static string Card(Secret holder)
    {
        using StoreKeys keys = StoreKeys.OfOwner(holder);
        MemberCard card = MemberCard.Of(keys);
        Terminal.Error.WriteLine($"card-id: {card.Id} (whoever takes the card compares this with you, by telephone or in person)");
        return card.Write();
    }
}
