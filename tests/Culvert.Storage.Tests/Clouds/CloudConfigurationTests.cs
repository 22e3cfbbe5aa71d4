using System.Globalization;

namespace Culvert.Storage.Tests;

public sealed class CloudConfigurationTests
{
    private const string FourFolders = """
        clouds:
          - {name: a, folder: one}
          - {name: b, folder: /two}
          - {name: c, folder: three}
          - {name: d, folder: four}
        """;

    private static readonly string s_path = Path.Combine(Path.GetTempPath(), "x", "clouds.yaml");

    [Fact]
    public void Every_driver_and_setting_is_read()
    {
        CloudConfiguration configuration = CloudConfiguration.Parse(s_path, """
            clouds:
              - {name: a, folder: data/a, timeout: 500ms}
              - name: b
                s3: {endpoint: "http://127.0.0.1:9000", bucket: culvert, region: eu-west-1, path-style: true, profile: backup}
                price: {put-per-1000: 0.005, get-per-1000: 0.0004, stored-gb-month: 0.023, egress-gb: 0.09}
              - {name: c, azure: {container-url: https://acct.blob.core.example/units, sas-file: sas.txt}}
              - {name: d, webdav: {url: https://dav.example/units/, user: ann, password-env: DAV_PASSWORD}, timeout: 2m}
            faults: 1
            keys: {owner: store.key}
            """).Value;
        string folder = Path.GetDirectoryName(s_path)!;
        Assert.Equal(
            [
                new CloudSettings("a", new FolderDriver(Path.Combine(folder, "data/a")), null, TimeSpan.FromMilliseconds(500)),
                new CloudSettings(
                    "b",
                    new S3Driver(new S3Options(new Uri("http://127.0.0.1:9000"), "culvert", "eu-west-1", PathStyle: true), "backup", null),
                    new CloudPrices(0.005m, 0.0004m, 0.023m, 0.09m),
                    null),
                new CloudSettings("c", new AzureDriver(new Uri("https://acct.blob.core.example/units"), new SecretPlace(Path.Combine(folder, "sas.txt"), null)), null, null),
                new CloudSettings("d", new WebDavDriver(new Uri("https://dav.example/units/"), "ann", new SecretPlace(null, "DAV_PASSWORD")), null, TimeSpan.FromMinutes(2)),
            ],
            configuration.Clouds);
        Assert.Equal(1, configuration.Faults);
        Assert.Equal(new Dictionary<string, string> { ["owner"] = Path.Combine(folder, "store.key") }, configuration.Keys);
    }

    [Fact]
    public void The_guides_example_is_sound()
    {
        string guide = File.ReadAllText(Path.Combine(CloudServers.RepositoryFolder(), "docs", "storage-clouds.md"));
        string example = guide.Split("```yaml\n")[1].Split("```")[0];
        CloudConfiguration configuration = CloudConfiguration.Parse(s_path, example).Value;
        Assert.Equal(
            [typeof(FolderDriver), typeof(S3Driver), typeof(AzureDriver), typeof(WebDavDriver)],
            configuration.Clouds.Select(cloud => cloud.Driver.GetType()));
        Assert.NotNull(configuration.Clouds[1].Prices);
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(7, 2)]
    [InlineData(10, 3)]
    public void Without_a_word_on_faults_the_clouds_bear_a_third_less_one(int clouds, int faults)
    {
        CloudConfiguration configuration = CloudConfiguration.Parse(s_path, Folders(clouds)).Value;
        Assert.Equal(faults, configuration.Faults);
        Assert.Equal(clouds, configuration.Clouds.Count);
        Assert.Empty(configuration.Keys);
    }

    [Theory]
    [InlineData("", "1:1: error: the file is empty")]
    [InlineData("- a", "1:1: error: the file is a map")]
    [InlineData("faults: 1", "1:1: error: 'clouds' is missing")]
    [InlineData("clouds: 3", "1:9: error: 'clouds' is missing")]
    [InlineData("clouds: [", "error: this is not YAML")]
    [InlineData("clouds: &a [*a]", "error: aliases have no meaning here")]
    [InlineData("clouds:\n  - 7", "2:5: error: a cloud is a map")]
    [InlineData("clouds:\n  - {folder: a}", "2:5: error: 'name' is missing")]
    [InlineData("clouds:\n  - {name: A, folder: a}", "2:12: error: a cloud's name is at most 32 of a-z 0-9 - _, and this is 'A'")]
    [InlineData("clouds:\n  - {name: a}", "2:5: error: a cloud is one of folder, s3, azure, webdav, and this is none")]
    [InlineData("clouds:\n  - {name: a, folder: x, s3: {bucket: b}}", "2:30: error: a cloud is one of folder, s3, azure, webdav, and this is folder and s3")]
    [InlineData("clouds:\n  - {name: a, ftp: x}", "2:15: error: a cloud has no key 'ftp'")]
    [InlineData("clouds:\n  - {name: a, folder: [x]}", "2:23: error: 'folder' is a text, and this is a list")]
    [InlineData("clouds:\n  - {name: a, s3: {bucket: b}}", "2:19: error: 'region' is missing, or an 'endpoint'")]
    [InlineData("clouds:\n  - {name: a, s3: {region: r}}", "2:19: error: 'bucket' is missing")]
    [InlineData("clouds:\n  - {name: a, s3: {bucket: b, endpoint: 'ftp://x'}}", "2:41: error: 'endpoint' is a URL")]
    [InlineData("clouds:\n  - {name: a, s3: {bucket: b, region: r, path-style: yes}}", "2:54: error: 'path-style' is true or false, and this is 'yes'")]
    [InlineData("clouds:\n  - {name: a, azure: {container-url: 'https://x.example/', sas-env: S}}", "error: 'container-url' ends in the container's name")]
    [InlineData("clouds:\n  - {name: a, azure: {container-url: 'https://x.example/c?sig=1', sas-env: S}}", "without a query or a user")]
    [InlineData("clouds:\n  - {name: a, azure: {container-url: 'https://x.example/c'}}", "error: 'sas-file' or 'sas-env' is missing")]
    [InlineData("clouds:\n  - {name: a, azure: {container-url: 'http://x.example/c', sas-env: S}}", "which would show the secret to the network")]
    [InlineData("clouds:\n  - {name: a, azure: {container-url: 'https://x.example/c', sas-env: S, sas-file: f}}", "'sas-file' and 'sas-env' cannot both be there")]
    [InlineData("clouds:\n  - {name: a, webdav: {url: 'https://x.example/', user: u}}", "2:23: error: 'user' goes with 'password-file' or 'password-env'")]
    [InlineData("clouds:\n  - {name: a, webdav: {url: 'http://x.example/', user: u, password-env: P}}", "which would show the secret to the network")]
    [InlineData("clouds:\n  - {name: a, folder: x, timeout: 2d}", "2:35: error: 'timeout' is a time up to an hour")]
    [InlineData("clouds:\n  - {name: a, folder: x, timeout: 99999999999s}", "error: 'timeout' is a time up to an hour")]
    [InlineData("clouds:\n  - {name: a, folder: x, price: {egress-gb: -1}}", "2:45: error: 'egress-gb' is an amount from 0, and this is '-1'")]
    [InlineData(FourFolders + "\nfaults: 0", "6:9: error: 'faults' is how many clouds may lie, a number from 1, and this is '0'")]
    [InlineData(FourFolders + "\nfaults: 2", "6:9: error: 2 lying clouds are borne by 7, and there are 4: n = 3f+1")]
    [InlineData(FourFolders + "\nkeys: {onwer: x}", "6:8: error: 'keys' has no key 'onwer'; it has owner, member")]
    [InlineData(FourFolders + "\n  - {name: a, folder: five}", "6:12: error: two clouds are called 'a'")]
    [InlineData(FourFolders + "\n  - {name: e, folder: five}", "1 lying clouds are borne by 4, and there are 5: n = 3f+1")]
    public void What_is_wrong_is_said_with_its_place(string text, string complaint)
    {
        Failure? failure = CloudConfiguration.Parse(s_path, text).Failure;
        Assert.Contains(complaint, failure?.Message, StringComparison.Ordinal);
        Assert.All(failure!.Message.Split('\n'), line => Assert.Matches(@"clouds\.yaml:\d+:\d+: error: ", line));
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        string message = CloudConfiguration.Parse(s_path, "clouds:\n  - {name: A, ftp: b}\n  - {folder: c, timeout: x}\nfualts: 1").Failure!.Message;
        Assert.Equal(6, message.Split('\n').Length);
    }

    [Fact]
    public void A_text_that_is_nested_too_deeply_is_refused_and_costs_nothing()
    {
        Assert.Contains("nested too deeply", CloudConfiguration.Parse(s_path, new string('[', 100_000)).Failure?.Message, StringComparison.Ordinal);
        Assert.Contains("error", CloudConfiguration.Parse(s_path, string.Concat(Enumerable.Repeat("{a: ", 1000))).Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_ends_in_a_configuration_or_complaints()
    {
        Random chance = new(5);
        string alphabet = FourFolders + "[]{}:,-'\"|>&*!%#\t\0\u0085é";
        for (int i = 0; i < 2_000; i++)
        {
            char[] text = [.. FourFolders];
            for (int change = 0; change < 1 + (i % 8); change++)
            {
                text[chance.Next(text.Length)] = alphabet[chance.Next(alphabet.Length)];
            }

            Outcome<CloudConfiguration> read = CloudConfiguration.Parse(s_path, new string(text));
            Assert.True(read.Succeeded ? read.Value.Clouds.Count == 4 : read.Failure.Message.Length > 0);
        }
    }

    [Fact]
    public void Spare_clouds_and_folders_of_the_client_are_read_and_do_not_count()
    {
        CloudConfiguration configuration = CloudConfiguration.Parse(
            s_path, FourFolders + "\nspares: [{name: e, folder: five}]\nstate: seen\nanchor: /mnt/anchor\n").Value;

        string folder = Path.GetDirectoryName(s_path)!;
        Assert.Equal((4, 1), (configuration.Clouds.Count, configuration.Faults));
        Assert.Equal([new CloudSettings("e", new FolderDriver(Path.Combine(folder, "five")), null, null)], configuration.Spares);
        Assert.Equal((Path.Combine(folder, "seen"), "/mnt/anchor"), (configuration.State, configuration.Anchor));
    }

    [Fact]
    public void A_spare_cloud_has_a_name_of_its_own() => Assert.Contains(
        "two clouds are called 'a'", CloudConfiguration.Parse(s_path, FourFolders + "\nspares: [{name: a, folder: five}]").Failure?.Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_missing_or_too_large_says_so()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, FourFolders);
            Assert.Equal(4, CloudConfiguration.Read(path).Value.Clouds.Count);
            File.WriteAllText(path, new string(' ', CloudConfiguration.TextLengthMax + 1));
            Assert.Equal(FailureKind.TooLarge, CloudConfiguration.Read(path).Failure?.Kind);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal(FailureKind.Missing, CloudConfiguration.Read(path).Failure?.Kind);
    }

    private static string Folders(int count) =>
        "clouds:\n" + string.Concat(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"  - {{name: c{i}, folder: f{i}}}\n")));
}
