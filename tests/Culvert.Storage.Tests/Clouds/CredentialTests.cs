using System.Text;
using Amazon.Runtime;

namespace Culvert.Storage.Tests;

/// <summary>Servers refuse who may not, and no message ever holds a credential.</summary>
public sealed class CredentialTests(CloudServers servers)
{
    private const string Canary = "Canary7Secret";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<ServerKind, CloudFault> Faults => new(
        from kind in new[] { ServerKind.S3, ServerKind.Azure, ServerKind.WebDav }
        from fault in new[] { CloudFault.None, CloudFault.Down, CloudFault.Refusing, CloudFault.Full, CloudFault.Cutting, CloudFault.Losing, CloudFault.Babbling }
        select (kind, fault));

    [Theory]
    [InlineData(ServerKind.S3)]
    [InlineData(ServerKind.Azure)]
    [InlineData(ServerKind.WebDav)]
    public async Task Wrong_credentials_are_refused(ServerKind kind)
    {
        ICloud cloud = OpenWithCanary(kind, await servers.ServerAsync(kind));
        foreach (CloudFailure? failure in await FailuresAsync(cloud))
        {
            Assert.Equal(CloudFailureKind.Refused, failure?.Kind);
            AssertSilent(failure!);
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task No_failure_repeats_a_credential_even_if_the_server_does(ServerKind kind, CloudFault fault)
    {
        await using FaultyProxy proxy = new(kind, await servers.ServerAsync(kind)) { Fault = fault, Echo = Canary };
        ICloud cloud = OpenWithCanary(kind, proxy.Address);
        CloudFailure?[] failures = await FailuresAsync(cloud);
        Assert.Contains(failures, failure => failure is not null);
        Assert.All(failures.OfType<CloudFailure>(), AssertSilent);
        Assert.DoesNotContain(Canary, cloud.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_that_has_run_out_or_grants_less_is_refused()
    {
        Uri account = await servers.AzureAsync();
        string container = MachinePorts.NewName();
        using CloudOwner owner = new(servers.Open(ServerKind.Azure, account, container));
        Assert.Null((await owner.Cloud.CreateAsync(Cancel)).Failure);
        Assert.Null((await owner.Cloud.PutAsync("object", "x"u8.ToArray(), PutCondition.Always, Cancel)).Failure);

        using AzureBlobCloud old = new(
            "old", new Uri(account, container), AzureSignature.New(CloudServers.AzureAccount, servers.AzureKey, validFor: TimeSpan.FromHours(-1)));
        Assert.Equal(CloudFailureKind.Refused, (await old.GetAsync("object", 0, new byte[1], Cancel)).Failure?.Kind);

        using AzureBlobCloud reader = new("reader", new Uri(account, container), AzureSignature.New(CloudServers.AzureAccount, servers.AzureKey, "rl"));
        Assert.Null((await reader.GetAsync("object", 0, new byte[1], Cancel)).Failure);
        Assert.Null((await reader.CreateAsync(Cancel)).Failure);
        Assert.Equal(CloudFailureKind.Refused, (await reader.PutAsync("object", new byte[1], PutCondition.Always, Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Refused, (await reader.RemoveAsync("object", Cancel)).Failure?.Kind);
    }

    [Fact]
    public void Options_print_no_password() =>
        Assert.DoesNotContain(Canary, new WebDavOptions(new Uri("http://a.example/"), "u", Canary).ToString(), StringComparison.Ordinal);

    private static ICloud OpenWithCanary(ServerKind kind, Uri server) => kind switch
    {
        ServerKind.S3 => new S3Cloud("s3", new S3Options(server, "canaries", "us-east-1", PathStyle: true), new BasicAWSCredentials(Canary, Canary), MachinePorts.Instance),
        ServerKind.Azure => new AzureBlobCloud("azure", new Uri(server, "canaries"), $"?sv=2021-08-06&ss=b&srt=co&sp=rwdl&se=2100-01-01T00:00:00Z&sig={Canary}"),
        _ => new WebDavCloud("webdav", new WebDavOptions(new Uri(server, "canaries"), Canary, Canary), MachinePorts.Instance),
    };

    private static async Task<CloudFailure?[]> FailuresAsync(ICloud cloud) =>
    [
        (await cloud.CreateAsync(Cancel)).Failure,
        (await cloud.ListAsync("", null, Cancel)).Failure,
        (await cloud.GetAsync("object", 0, new byte[4], Cancel)).Failure,
        (await cloud.PutAsync("object", new byte[4], PutCondition.Always, Cancel)).Failure,
        (await cloud.PutAsync("object", new byte[4], PutCondition.IfAbsent, Cancel)).Failure,
        (await cloud.RemoveAsync("object", Cancel)).Failure,
    ];

    private static void AssertSilent(CloudFailure failure)
    {
        Assert.DoesNotContain(Canary, failure.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Canary}:{Canary}")), failure.ToString(), StringComparison.Ordinal);
    }

    private sealed class CloudOwner(ICloud cloud) : IDisposable
    {
        internal ICloud Cloud { get; } = cloud;

        public void Dispose() => (Cloud as IDisposable)?.Dispose();
    }
}
