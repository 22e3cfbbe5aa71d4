using System.Text.Json;
using Culvert.Cli.Tests.Running;
using Culvert.Storage.Tests;

namespace Culvert.Cli.Tests.Stores;

/// <summary>A unit over an S3 server, Azurite, nginx and a folder together, with one of them at a time at fault.</summary>
public class FourServersTests(CloudServers servers) : StoreFolder
{
    private (string, string)[] _environment = [];

    [Fact]
    public async Task Four_kinds_of_clouds_hold_each_unit_together_through_the_faults_of_one()
    {
        await using FaultyProxy s3 = new(ServerKind.S3, await servers.S3Async());
        await using FaultyProxy azure = new(ServerKind.Azure, await servers.AzureAsync());
        await using FaultyProxy webDav = new(ServerKind.WebDav, await servers.WebDavAsync());
        MakeClouds(s3, azure, webDav);
        byte[] report = Noise(5_000_000);
        File.WriteAllBytes(At("report.pdf"), report);

        Assert.Contains("azure: can be listed, read, written and cleaned up", Run(0, "store", "init").Out, StringComparison.Ordinal);
        Run(0, "store", "put", "reports/2026", "report.pdf");
        AssertSame(report);

        s3.Fault = CloudFault.Down;
        byte[] second = [.. report.Reverse()];
        File.WriteAllBytes(At("report.pdf"), second);
        Assert.Contains("s3 could not take all of it", Run(0, "store", "put", "reports/2026", "report.pdf").Error, StringComparison.Ordinal);
        AssertSame(second);
        JsonElement down = StatusNow();
        Assert.False(CloudOf(down, "s3").GetProperty("up").GetBoolean());
        Assert.Equal("s3", down.GetProperty("underReplicated").EnumerateArray().Single().GetProperty("clouds").EnumerateArray().Single().GetString());

        s3.Fault = CloudFault.None;
        Assert.Contains("(mended)", Run(0, "store", "verify", "--repair").Out, StringComparison.Ordinal);
        JsonElement whole = StatusNow();
        Assert.Empty(whole.GetProperty("underReplicated").EnumerateArray());
        Assert.All(whole.GetProperty("clouds").EnumerateArray(), cloud => Assert.True(cloud.GetProperty("up").GetBoolean()));

        azure.Fault = CloudFault.Flipping;
        AssertSame(second);
        Assert.Contains("reports/2026: azure: altered: ", Run(1, "store", "verify").Out, StringComparison.Ordinal);
        JsonElement lying = StatusNow();
        Assert.Contains("altered", CloudOf(lying, "azure").GetProperty("misbehaviour").EnumerateArray().Select(wrong => wrong.GetProperty("kind").GetString()));
        Assert.Empty(CloudOf(lying, "webdav").GetProperty("misbehaviour").EnumerateArray());

        // Off the cloud that lies while it lies, and then another is down.
        Assert.Contains("azure is replaced by attic", Run(0, "store", "replace", "azure", "attic").Out, StringComparison.Ordinal);
        webDav.Fault = CloudFault.Down;
        AssertSame(second);
        AssertSame(report, "--version", "1");
    }

    private void MakeClouds(FaultyProxy s3, FaultyProxy azure, FaultyProxy webDav)
    {
        string container = MachinePorts.NewName();
        Write("clouds.yaml", $$"""
            clouds:
              - {name: s3, s3: {endpoint: "{{s3.Address}}", bucket: {{container}}, path-style: true}, timeout: 20s}
              - {name: azure, azure: {container-url: "{{new Uri(azure.Address, container)}}", sas-env: AZURE_SAS}, timeout: 20s}
              - {name: webdav, webdav: {url: "{{new Uri(webDav.Address, container)}}/", user: {{CloudServers.WebDavUser}}, password-env: DAV_PASSWORD}, timeout: 20s}
              - {name: disk, folder: disk}
            spares:
              - {name: attic, folder: attic}
            """);
        _environment =
        [
            ("AWS_ACCESS_KEY_ID", "S3RVER"), ("AWS_SECRET_ACCESS_KEY", "S3RVER"),
            ("AZURE_SAS", AzureSignature.New(CloudServers.AzureAccount, servers.AzureKey)),
            ("DAV_PASSWORD", servers.WebDavPassword),
        ];
    }

    private ProgramResult Run(int exitCode, params string[] arguments)
    {
        ProgramResult result = CulvertProgram.Run(Folder, null, arguments, _environment);
        Assert.True(exitCode == result.ExitCode, $"{string.Join(' ', arguments)}: {result.ExitCode}\n{result.Out}\n{result.Error}");

        // No credential in anything that is said.
        Assert.All(
            _environment.Where(one => one.Item1 is "AZURE_SAS" or "DAV_PASSWORD"),
            one => Assert.DoesNotContain(one.Item2, result.Out + result.Error, StringComparison.Ordinal));
        return result;
    }

    private void AssertSame(byte[] content, params string[] options)
    {
        Run(0, ["store", "get", "reports/2026", "back", .. options]);
        Assert.Equal(content, File.ReadAllBytes(At("back")));
    }

    private JsonElement StatusNow()
    {
        using JsonDocument document = JsonDocument.Parse(Run(0, "store", "status", "--json").Out);
        return document.RootElement.Clone();
    }
}
