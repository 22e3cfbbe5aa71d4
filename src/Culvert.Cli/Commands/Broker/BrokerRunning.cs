using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Cli.Output;
using Culvert.Enclaves;
using Culvert.KeyBroker;
using Culvert.Sealing;

namespace Culvert.Cli.Commands.Broker;

/// <summary>A broker from its start to Ctrl-C.</summary>
internal sealed class BrokerRunning(BrokerRequest request)
{
    private readonly Lock _saying = new();

    internal int Run() => RunAsync().GetAwaiter().GetResult();

    private async Task<int> RunAsync()
    {
        using Interruption interruption = new();
        using CancellationTokenSource stop = new();
        interruption.StopBy(stop.Cancel);
        List<IAsyncDisposable> stores = [];
        List<Owner> owners = [];
        try
        {
            Dictionary<string, List<string>> manifests = ManifestsByOwner();
            foreach (Keys.OwnerKeyChoice key in request.Keys)
            {
                Owner owner = Open(key, stores, manifests);
                owners.Add(owner);
                if (await owner.Watch.TakeAllAsync(stop.Token).ConfigureAwait(false) is { } refused)
                {
                    throw new CommandFailedException(ExitCode.Failed, refused.Message);
                }
            }

            if (manifests.Values.FirstOrDefault(paths => paths.Count > 0) is { } orphans)
            {
                throw CommandFailedException.Usage($"{orphans[0]} is the manifest of an owner whose --key is not given");
            }

            await ServeAsync(owners, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ended before it began.
        }
        finally
        {
            owners.ForEach(owner => owner.Dispose());
            foreach (IAsyncDisposable store in stores)
            {
                await store.DisposeAsync().ConfigureAwait(false);
            }
        }

        Say("the broker has ended; what it released is in its store");
        return ExitCode.Success;
    }

    private async Task ServeAsync(List<Owner> owners, CancellationToken stop)
    {
        using BrokerCertificates certificates = Certificates(owners[0].Secret);
        await using Stream output = request.Records is { } path
            ? new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0)
            : Console.OpenStandardOutput();
        using ReleaseRecords records = new(output);
        BrokerServer server;
        try
        {
            server = await BrokerServer.StartAsync(
                [.. owners.Select(owner => owner.Core)], certificates, records, MachineClock.Instance, new BrokerServerOptions { Listen = request.Listen }, stop).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot listen on {request.Listen}: {failure.Message}", failure);
        }

        await using (server)
        {
            Announce(owners, server, certificates);
            try
            {
                await Task.WhenAll(owners.Select(owner => owner.Watch.WatchAsync(stop))).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Ctrl-C: the way it ends.
            }
        }
    }

    private void Announce(List<Owner> owners, BrokerServer server, BrokerCertificates certificates)
    {
        if (certificates.AuthorityPem is { } pem)
        {
            WriteAuthority(pem);
        }

        if (request.IsDryRun)
        {
            Say("a dry run: no key is released; each request is told what would be decided");
        }

        foreach (Owner owner in owners)
        {
            string place = owners.Count == 1 ? server.Address.ToString() : new Uri(server.Address, BrokerServer.NameOf(owner.Core)).ToString();
            Say($"listening on {place.TrimEnd('/')} for {string.Join(", ", owner.Paths)}");
        }

        if (certificates.AuthorityPem is not null)
        {
            Say($"clients know it by {request.Authority}: culvert run JOB --broker {server.Address.ToString().TrimEnd('/')} --broker-ca {request.Authority}");
        }
    }

    private Owner Open(Keys.OwnerKeyChoice key, List<IAsyncDisposable> stores, Dictionary<string, List<string>> manifests)
    {
        Secret secret = key.Open();
        try
        {
            using ECDsa signing = SigningKeys.OfOwner(secret);
            if (!manifests.Remove(Convert.ToHexString(signing.ExportSubjectPublicKeyInfo()), out List<string>? paths))
            {
                throw CommandFailedException.Usage($"{key.Path}: no --manifest is of this owner");
            }

            string folder = request.Keys.Length == 1 ? request.Store : Path.Combine(request.Store, KeySchedule.KeyId(secret).ToString());
            IReleaseLog log = new MemoryReleaseLog();
            if (!request.IsDryRun || Directory.Exists(folder))
            {
                Outcome<BrokerStore> store = BrokerStore.Open(folder, secret, MachineEntropy.Instance, Say);
                log = store.Succeeded ? store.Value : throw new CommandFailedException(ExitCode.Failed, store.Failure.Message);
                stores.Add(store.Value);
            }

            KeyBrokerCore core = new(secret, new KeyBrokerPorts(MachineClock.Instance, MachineEntropy.Instance, log) { Collateral = Shelf() }, new KeyBrokerOptions { IsDryRun = request.IsDryRun });
            return new Owner(secret, core, [.. paths], new ManifestWatch(core, [.. paths], MachineClock.Instance, Say));
        }
        catch
        {
            secret.Dispose();
            throw;
        }
    }

    /// <summary>The folder of collateral, which has to be one when the broker starts.</summary>
    private CollateralFolder? Shelf()
    {
        if (request.Collateral is not { } path)
        {
            return null;
        }

        CollateralFolder folder = new(path);
        return folder.Read().Failure is { } failure ? throw CommandFailedException.Usage($"--collateral {failure.Message}") : folder;
    }

    /// <summary>Paths by the owner's key that the manifests name. Whether they are that owner's is verified when they are taken.</summary>
    private Dictionary<string, List<string>> ManifestsByOwner()
    {
        Dictionary<string, List<string>> byOwner = new(StringComparer.Ordinal);
        foreach (string path in request.Manifests)
        {
            if (!ManifestFile.TryRead(path, out SignedManifest? signed, out ManifestRefusal? refusal))
            {
                throw new CommandFailedException(ExitCode.Failed, refusal.ToString());
            }

            string owner = Convert.ToHexString(signed.Manifest.OwnerKey.AsSpan());
            if (!byOwner.TryGetValue(owner, out List<string>? paths))
            {
                byOwner.Add(owner, paths = []);
            }

            paths.Add(path);
        }

        return byOwner;
    }

    private BrokerCertificates Certificates(Secret owner)
    {
        if (request.Certificate is { } path)
        {
            Outcome<BrokerCertificates> own = BrokerCertificates.OfFiles(path, request.CertificateKey!);
            return own.Succeeded ? own.Value : throw new CommandFailedException(ExitCode.Failed, own.Failure.Message);
        }

        string host = request.Listen.DnsSafeHost;
        bool isAny = IPAddress.TryParse(host, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        string[] hosts = isAny ? ["localhost", "127.0.0.1", Dns.GetHostName()] : [host];
        return BrokerCertificates.OfOwner(owner, [.. hosts.Concat(request.Names).Distinct(StringComparer.OrdinalIgnoreCase)], MachineClock.Instance, MachineEntropy.Instance);
    }

    private void WriteAuthority(string pem)
    {
        try
        {
            string partial = request.Authority + ".partial";
            File.WriteAllText(partial, pem);
            File.Move(partial, request.Authority, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot write {request.Authority}: {failure.Message}", failure);
        }
    }

    private void Say(string line)
    {
        lock (_saying)
        {
            Terminal.Error.WriteLine($"culvert broker: {line}");
            Terminal.Error.Flush();
        }
    }

    private sealed record Owner(Secret Secret, KeyBrokerCore Core, ImmutableArray<string> Paths, ManifestWatch Watch) : IDisposable
    {
        public void Dispose()
        {
            Core.Dispose();
            Secret.Dispose();
        }
    }
}
