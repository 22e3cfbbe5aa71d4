using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Culvert.Cli.Output;
using Culvert.Engine;
using Culvert.Sealing;

namespace Culvert.Cli.Commands.Keys;

/// <summary><c>culvert keys public</c>: the public signing key that follows from an owner's key, for whoever checks what the owner signed.</summary>
internal static class PublicKeyCommand
{
    internal static Command Make()
    {
        Argument<string> file = new("FILE") { Description = "The owner's key" };
        Option<string?> output = new("--output", "-o") { Description = "The file to write instead of standard output", HelpName = "FILE" };
        Option<bool> broker = new("--broker") { Description = "The key that the owner's broker signs attestation results with, instead of the owner's own" };
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        Command command = new("public", "Print the owner's public signing key (PEM), by which others check manifests and proofs") { file, output, broker, passphrase };
        command.SetAction(parsed =>
        {
            using Secret owner = OwnerKeys.Open(parsed.GetValue(file)!, parsed.GetValue(passphrase), Terminal.Error);
            using ECDsa key = parsed.GetValue(broker) ? SigningKeys.OfBroker(owner) : SigningKeys.OfOwner(owner);
            string pem = key.ExportSubjectPublicKeyInfoPem() + "\n";
            if (parsed.GetValue(output) is { } path)
            {
                using OutputFile written = new(path);
                written.Write(stream => stream.Write(Encoding.ASCII.GetBytes(pem)));
                written.Complete();
            }
            else
            {
                Terminal.Out.Write(pem);
            }

            return ExitCode.Success;
        });
        return command;
    }
}
