namespace Culvert.Storage.Tests;

public sealed class CloudFactoryTests : IDisposable
{
    private readonly CloudServers _servers;
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-factory-").FullName;

    public CloudFactoryTests(CloudServers servers) => _servers = servers;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_four_kinds_of_clouds_of_a_file_are_opened_with_their_credentials_and_work()
    {
        string name = MachinePorts.NewName();
        (Uri s3, Uri azure, Uri webDav) = (await _servers.S3Async(), new Uri(await _servers.AzureAsync(), name), new Uri(await _servers.WebDavAsync(), name));
        await File.WriteAllTextAsync(Path.Combine(_folder, "credentials"), "[backup]\naws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n", Cancel);
        await File.WriteAllTextAsync(Path.Combine(_folder, "sas.txt"), "?" + AzureSignature.New(CloudServers.AzureAccount, _servers.AzureKey) + "\r\nnot this\n", Cancel);
        CloudConfiguration configuration = Parse($$$"""
            clouds:
              - {name: a, folder: {{{name}}}}
              - {name: b, s3: {endpoint: "{{{s3}}}", bucket: {{{name}}}, path-style: true, profile: backup, credentials-file: credentials}}
              - {name: c, azure: {container-url: "{{{azure}}}", sas-file: sas.txt}}
              - {name: d, webdav: {url: "{{{webDav}}}", user: {{{CloudServers.WebDavUser}}}, password-env: DAV_PASSWORD}}
            """);

        IReadOnlyList<ICloud> clouds = Factory(("DAV_PASSWORD", _servers.WebDavPassword)).Open(configuration).Value;
        Assert.Equal(["a", "b", "c", "d"], clouds.Select(cloud => cloud.Name));
        foreach (ICloud cloud in clouds)
        {
            Assert.Null((await cloud.CreateAsync(Cancel)).Failure);
            Assert.Null((await cloud.PutAsync("unit/object", "content"u8.ToArray(), PutCondition.IfAbsent, Cancel)).Failure);
            byte[] read = new byte[7];
            Assert.Equal(new CloudRead(7, 7), (await cloud.GetAsync("unit/object", 0, read, Cancel)).Value);
            Assert.Equal("content"u8.ToArray(), read);
            (cloud as IDisposable)?.Dispose();
        }

        // What the servers of the tests offer: S3rver does not heed If-None-Match, and of WebDAV nobody can tell.
        Assert.Equal([true, false, true, false], clouds.Select(cloud => cloud.Traits.ConditionalPut));
    }

    [Fact]
    public async Task Keys_of_a_bucket_come_from_the_environment_when_nothing_else_is_said()
    {
        string name = MachinePorts.NewName();
        CloudSettings settings = new(
            "b", new S3Driver(new S3Options(await _servers.S3Async(), name, "us-east-1", PathStyle: true), null, null), null, null);
        ICloud cloud = Factory(("AWS_ACCESS_KEY_ID", "S3RVER"), ("AWS_SECRET_ACCESS_KEY", "S3RVER")).Open(settings).Value;
        Assert.Null((await cloud.CreateAsync(Cancel)).Failure);
        (cloud as IDisposable)?.Dispose();
    }

    [Fact]
    public void All_credentials_that_are_missing_are_named_and_none_is_shown()
    {
        File.WriteAllText(Path.Combine(_folder, "broken"), "aws_secret_access_key = Canary7Secret\n[unclosed\n");
        File.WriteAllText(Path.Combine(_folder, "empty"), "\nCanary7Secret");
        CloudConfiguration configuration = Parse("""
            clouds:
              - {name: a, s3: {region: us-east-1, bucket: units}}
              - {name: b, s3: {region: us-east-1, bucket: units, credentials-file: broken}}
              - {name: c, azure: {container-url: "https://x.example/units", sas-file: empty}}
              - {name: d, webdav: {url: "https://x.example/", user: u, password-env: NONE}}
            """);
        string message = Factory(("AWS_ACCESS_KEY_ID", "Canary7Secret")).Open(configuration).Failure!.Message;
        Assert.Equal(["cloud a:", "cloud b:", "cloud c:", "cloud d:"], message.Split('\n').Select(line => line[..8]));
        Assert.Contains("AWS_SECRET_ACCESS_KEY", message, StringComparison.Ordinal);
        Assert.Contains("the environment has no NONE", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Canary7Secret", message, StringComparison.Ordinal);
    }

    private CloudConfiguration Parse(string text)
    {
        Outcome<CloudConfiguration> read = CloudConfiguration.Parse(Path.Combine(_folder, "clouds.yaml"), text);
        Assert.True(read.Succeeded, read.Failure?.Message);
        return read.Value;
    }

    private static CloudFactory Factory(params (string Name, string Value)[] environment) => new(
        MachinePorts.Instance,
        MachinePorts.Instance,
        name => environment.Where(item => item.Name == name).Select(item => item.Value).FirstOrDefault());
}
