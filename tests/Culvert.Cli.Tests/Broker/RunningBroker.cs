using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Culvert.Attestation;
using Culvert.Cli.Tests.Running;
using Culvert.Enclaves;
using Culvert.Sealing;

namespace Culvert.Cli.Tests.Broker;

/// <summary>A <c>culvert broker</c> process, and a client that knows it by the certificate that it wrote.</summary>
internal sealed class RunningBroker : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client;
    private readonly List<string> _said = [];

    private RunningBroker(Process process, Uri address, string authority, List<string> said)
    {
        (_process, _said) = (process, said);
        SocketsHttpHandler handler = new()
        {
            SslOptions = new()
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(authority) },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        _client = new HttpClient(handler) { BaseAddress = address };
    }

    /// <summary>Where it listens, as <c>--broker</c> takes it.</summary>
    internal string Address => _client.BaseAddress!.AbsoluteUri.TrimEnd('/');

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts it, and waits until it says where it listens.</summary>
    internal static async Task<RunningBroker> StartAsync(string folder, params string[] more)
    {
        Process process = CulvertProgram.Start(
            folder, ["broker", "--manifest", "manifest.json", "--key", "owner.key", "--listen", "https://127.0.0.1:0", "--records", "records.jsonl", .. more]);
        List<string> said = [];
        string? address = null;
        while (await process.StandardError.ReadLineAsync(Cancellation) is { } line)
        {
            said.Add(line);
            const string Listening = "culvert broker: listening on ";
            address = line.StartsWith(Listening, StringComparison.Ordinal) ? line[Listening.Length..].Split(' ')[0] : address;
            if (line.Contains("clients know it by", StringComparison.Ordinal))
            {
                break;
            }
        }

        Assert.True(address is not null, string.Join('\n', said));
        return new RunningBroker(process, new Uri(address), Path.Combine(folder, "ca.pem"), said);
    }

    /// <summary>The lines that it said, up to and with the first that holds a text.</summary>
    internal async Task<string> SaidAsync(string text)
    {
        while (await _process.StandardError.ReadLineAsync(Cancellation) is { } line)
        {
            _said.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"it never said '{text}', but: {string.Join('\n', _said)}");
    }

    /// <summary>What a simulated enclave is given for a stage: "released", or the check that refused. Throws when the broker is gone.</summary>
    internal async Task<string> AskAsync(BrokerOwner owner, int stage)
    {
        using HpkePrivateKey key = HpkePrivateKey.Generate(MachineEntropy.Instance);
        using ECDsa signing = SigningKeys.Generate(MachineEntropy.Instance);
        byte[] asked = await PostAsync("v1/challenge", ReleaseWire.WriteAsk(new ReleaseAsk { Job = BrokerOwner.Job, Plan = BrokerOwner.Plan }));
        Outcome<ReleaseChallenge> challenge = ReleaseWire.ReadChallenge(asked);
        if (!challenge.Succeeded)
        {
            return ReleaseCheckName.Of(ReleaseWire.ReadRefusal(asked).Value.Check);
        }

        ReleaseBinding binding = new()
        {
            Nonce = challenge.Value.Nonce,
            Broker = challenge.Value.Broker,
            Owner = challenge.Value.Owner,
            Manifest = challenge.Value.Manifest,
            Plan = BrokerOwner.Plan,
            Job = ReleaseBinding.JobDigest(BrokerOwner.Job),
            Run = new RunId(5),
            Inputs = [.. SHA256.HashData([])],
            Epoch = challenge.Value.Epoch,
            Stages = [new StageId(stage)],
            ReleaseKey = [.. key.PublicKey.Bytes],
            SigningKey = [.. signing.ExportSubjectPublicKeyInfo()],
        };
        byte[] evidence = SimulationEvidence.Create(BrokerOwner.Measurement, [.. binding.ReportData(), .. new byte[32]], owner.Development);
        byte[] answered = await PostAsync("v1/release", ReleaseWire.WriteRequest(new ReleaseRequest
        {
            Binding = binding,
            Evidence = ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty.Add("simulation.bin", [.. evidence]),
        }));
        Outcome<ReleaseAnswer> answer = ReleaseWire.ReadAnswer(answered);
        if (!answer.Succeeded)
        {
            return ReleaseCheckName.Of(ReleaseWire.ReadRefusal(answered).Value.Check);
        }

        using KeyBundle bundle = KeyBundleCodec.Open(key, binding, new StageId(stage), answer.Value.Bundles[new StageId(stage)].AsSpan()).Value;
        return "released";
    }

    /// <summary>Ends it by Ctrl-C, and gives its exit code.</summary>
    internal async Task<int> EndAsync()
    {
        CulvertProgram.Signal(_process, 2);
        await _process.StandardError.ReadToEndAsync(Cancellation);
        await _process.WaitForExitAsync(Cancellation);
        return _process.ExitCode;
    }

    /// <summary>Ends it by kill -9.</summary>
    internal async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(Cancellation);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _client.Dispose();
        _process.Dispose();
    }

    private async Task<byte[]> PostAsync(string path, byte[] body)
    {
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        using HttpResponseMessage response = await _client.PostAsync(new Uri(path, UriKind.Relative), content, Cancellation);
        return await response.Content.ReadAsByteArrayAsync(Cancellation);
    }
}
