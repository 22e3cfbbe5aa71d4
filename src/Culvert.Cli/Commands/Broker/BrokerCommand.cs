using System.CommandLine;
using Culvert.Cli.Commands.Keys;

namespace Culvert.Cli.Commands.Broker;

/// <summary><c>culvert broker</c>: options to a <see cref="BrokerRunning"/>.</summary>
internal static class BrokerCommand
{
    internal static Command Make()
    {
        Option<string[]> manifests = new("--manifest")
        {
            Description = "A job's signed manifest (culvert manifest); again for each further job. Looked at again when it changes",
            HelpName = "FILE",
            Required = true,
        };
        Option<string[]> keys = new("--key") { Description = "The owner's key (culvert keys new); again for each further owner", HelpName = "FILE", Required = true };
        Option<string?> passphrase = OwnerKeyOptions.PassphraseFile();
        Option<string> listen = new("--listen") { Description = "Where to listen, such as https://127.0.0.1:8443; port 0 for a free one", HelpName = "URL", Required = true };
        Option<string[]> names = new("--name") { Description = "A further name or address by which clients reach the broker, for its certificate", HelpName = "HOST", DefaultValueFactory = _ => [] };
        Option<string?> store = new("--store") { Description = "The folder that remembers what was released; default: broker-store beside the first manifest", HelpName = "DIR" };
        Option<string?> ca = new("--ca") { Description = "Where the certificate that clients need is written; default: ca.pem beside the first manifest", HelpName = "FILE" };
        Option<string?> certificate = new("--certificate") { Description = "A certificate (chain) of your own, PEM, instead of the owner's authority's", HelpName = "FILE" };
        Option<string?> certificateKey = new("--certificate-key") { Description = "Its private key, PEM", HelpName = "FILE" };
        Option<string?> records = new("--records") { Description = "Where a line of JSON for each release and refusal is added; default: standard output", HelpName = "FILE" };
        Option<string?> collateral = new("--collateral") { Description = "What hardware's vendors publish, for enclaves whose evidence does not bring it: a folder with a folder for each sort of machine. Read each time", HelpName = "DIR" };
        Option<bool> dryRun = new("--dry-run") { Description = "Release nothing: tell what would be decided, and why" };
        Command command = new("broker", "Release a job's keys to enclaves that the manifest accepts, over HTTPS, until Ctrl-C")
        {
            manifests, keys, passphrase, listen, names, store, ca, certificate, certificateKey, records, collateral, dryRun,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(certificate) is null != parsed.GetValue(certificateKey) is null)
            {
                throw CommandFailedException.Usage("--certificate and --certificate-key come together");
            }

            string text = parsed.GetValue(listen)!;
            if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? address) || address.Scheme != Uri.UriSchemeHttps || address.PathAndQuery != "/" || address.UserInfo.Length > 0)
            {
                throw CommandFailedException.Usage($"--listen {text}: an address such as https://127.0.0.1:8443 is needed; a broker speaks nothing but HTTPS");
            }

            string folder = Path.GetDirectoryName(Path.GetFullPath(parsed.GetValue(manifests)![0]))!;
            return new BrokerRunning(new BrokerRequest
            {
                Manifests = parsed.GetValue(manifests)!,
                Keys = [.. parsed.GetValue(keys)!.Select(path => new OwnerKeyChoice(path, parsed.GetValue(passphrase)))],
                Listen = address,
                Names = parsed.GetValue(names)!,
                Store = parsed.GetValue(store) ?? Path.Combine(folder, "broker-store"),
                Authority = parsed.GetValue(ca) ?? Path.Combine(folder, "ca.pem"),
                Certificate = parsed.GetValue(certificate),
                CertificateKey = parsed.GetValue(certificateKey),
                Records = parsed.GetValue(records),
                Collateral = parsed.GetValue(collateral),
                IsDryRun = parsed.GetValue(dryRun),
            }).Run();
        });
        return command;
    }
}
