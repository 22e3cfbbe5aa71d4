using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Culvert.Storage;

/// <summary>Reads <c>clouds.yaml</c>, and complains about all of it at once.</summary>
internal sealed class CloudConfigurationReader(string file)
{
    private const int NameLengthMax = 32;

    private static readonly string[] s_rootKeys = ["clouds", "spares", "faults", "keys", "state", "anchor"];
    private static readonly string[] s_drivers = ["folder", "s3", "azure", "webdav"];
    private static readonly string[] s_cloudKeys = ["name", .. s_drivers, "price", "timeout"];
    private static readonly string[] s_s3Keys = ["endpoint", "bucket", "region", "path-style", "profile", "credentials-file"];
    private static readonly string[] s_azureKeys = ["container-url", "sas-file", "sas-env"];
    private static readonly string[] s_webDavKeys = ["url", "user", "password-file", "password-env"];
    private static readonly string[] s_priceKeys = ["put-per-1000", "get-per-1000", "stored-gb-month", "egress-gb"];

    private readonly YamlTree _tree = new(file);

    internal Outcome<CloudConfiguration> Read(string text)
    {
        if (_tree.Read(text) is { } root && YamlSection.Read(_tree, root, "the file", s_rootKeys) is { } section)
        {
            HashSet<string> names = new(StringComparer.Ordinal);
            List<CloudSettings> clouds = Clouds(section, "clouds", names);
            List<CloudSettings> spares = section.Find("spares") is null ? [] : Clouds(section, "spares", names);
            int faults = Faults(section, clouds.Count);
            IReadOnlyDictionary<string, string> keys = Keys(section);
            (string? state, string? anchor) = (section.OptionalText("state"), section.OptionalText("anchor"));
            if (_tree.Failure is null)
            {
                return new CloudConfiguration(clouds, faults, keys)
                {
                    Spares = spares,
                    State = state is null ? null : PathOf(state),
                    Anchor = anchor is null ? null : PathOf(anchor),
                };
            }
        }

        return _tree.Failure!;
    }

    private List<CloudSettings> Clouds(YamlSection section, string key, HashSet<string> names)
    {
        List<CloudSettings> clouds = [];
        if (section.Find(key) is not YamlSequenceNode list)
        {
            _tree.Complain(section.Find(key) ?? section.Place, $"'{key}' is missing: a list of clouds");
            return clouds;
        }

        foreach (YamlNode node in list.Children)
        {
            if (YamlSection.Read(_tree, node, "a cloud", s_cloudKeys) is not { } item)
            {
                continue;
            }

            string name = item.Text("name");
            if (name.Length > 0 && (name.Length > NameLengthMax || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '_'))))
            {
                _tree.Complain(item.Find("name")!, $"a cloud's name is at most {NameLengthMax} of a-z 0-9 - _, and this is {YamlSection.Describe(item.Find("name")!)}");
            }
            else if (name.Length > 0 && !names.Add(name))
            {
                _tree.Complain(item.Find("name")!, $"two clouds are called '{name}'");
            }

            if (Driver(item) is { } driver)
            {
                clouds.Add(new CloudSettings(name, driver, Prices(item), Timeout(item)));
            }
        }

        return clouds;
    }

    private CloudDriver? Driver(YamlSection cloud)
    {
        string[] named = [.. s_drivers.Where(cloud.Keys.Contains)];
        if (named.Length != 1)
        {
            _tree.Complain(
                named.Length == 0 ? cloud.Place : cloud.Find(named[1])!,
                $"a cloud is one of {string.Join(", ", s_drivers)}, and this is {(named.Length == 0 ? "none" : string.Join(" and ", named))}");
            return null;
        }

        YamlNode node = cloud.Find(named[0])!;
        return named[0] switch
        {
            "folder" => cloud.OptionalText("folder") is { } path ? new FolderDriver(PathOf(path)) : null,
            "s3" => YamlSection.Read(_tree, node, "'s3'", s_s3Keys) is { } s3 ? S3(s3) : null,
            "azure" => YamlSection.Read(_tree, node, "'azure'", s_azureKeys) is { } azure ? Azure(azure) : null,
            _ => YamlSection.Read(_tree, node, "'webdav'", s_webDavKeys) is { } webDav ? WebDav(webDav) : null,
        };
    }

    private S3Driver? S3(YamlSection section)
    {
        Uri? endpoint = section.Url("endpoint");
        string? region = section.OptionalText("region");
        if (endpoint is null && region is null && section.Find("endpoint") is null)
        {
            _tree.Complain(section.Place, "'region' is missing, or an 'endpoint' of one's own");
        }

        string? credentials = section.OptionalText("credentials-file");
        string bucket = section.Text("bucket");
        return new S3Driver(
            new S3Options(endpoint, bucket, region ?? "us-east-1", section.Flag("path-style")),
            section.OptionalText("profile"),
            credentials is null ? null : PathOf(credentials));
    }

    private AzureDriver? Azure(YamlSection section)
    {
        Uri? url = Required(section, "container-url");
        if (url is not null && url.AbsolutePath.Trim('/').Length == 0)
        {
            _tree.Complain(section.Find("container-url")!, "'container-url' ends in the container's name, and this has none");
        }

        ComplainOfPlainText(section, "container-url", url);
        SecretPlace? signature = section.Secret("sas", PathOf);
        if (signature is null)
        {
            _tree.Complain(section.Place, "'sas-file' or 'sas-env' is missing: where the shared access signature is");
        }

        return url is null || signature is null ? null : new AzureDriver(url, signature);
    }

    private WebDavDriver? WebDav(YamlSection section)
    {
        Uri? url = Required(section, "url");
        string? user = section.OptionalText("user");
        SecretPlace? password = section.Secret("password", PathOf);
        if (user is null != password is null)
        {
            _tree.Complain(section.Place, "'user' goes with 'password-file' or 'password-env'");
        }

        ComplainOfPlainText(section, "url", user is null ? null : url);
        return url is null ? null : new WebDavDriver(url, user, password);
    }

    /// <summary>A signature or a password goes along with each call as it is. S3 signs with its secret, and does not send it.</summary>
    private void ComplainOfPlainText(YamlSection section, string key, Uri? url)
    {
        if (url is { Scheme: "http", IsLoopback: false })
        {
            _tree.Complain(section.Find(key)!, $"'{key}' begins with http://, which would show the secret to the network: it has to be https://");
        }
    }

    private Uri? Required(YamlSection section, string key)
    {
        if (section.Find(key) is null)
        {
            _tree.Complain(section.Place, $"'{key}' is missing");
        }

        return section.Url(key);
    }

    private CloudPrices? Prices(YamlSection cloud) =>
        cloud.Find("price") is { } node && YamlSection.Read(_tree, node, "'price'", s_priceKeys) is { } price
            ? new CloudPrices(price.Amount(s_priceKeys[0]), price.Amount(s_priceKeys[1]), price.Amount(s_priceKeys[2]), price.Amount(s_priceKeys[3]))
            : null;

    private TimeSpan? Timeout(YamlSection cloud)
    {
        if (cloud.OptionalText("timeout") is not { } text)
        {
            return null;
        }

        int unit = text.TakeWhile(char.IsAsciiDigit).Count();
        double milliseconds = text[unit..] switch { "ms" => 1, "s" => 1000, "m" => 60_000, _ => 0 };
        if (milliseconds > 0 && int.TryParse(text.AsSpan(0, unit), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && TimeSpan.FromMilliseconds(count * milliseconds) is var span && span > TimeSpan.Zero && span <= TimeSpan.FromHours(1))
        {
            return span;
        }

        _tree.Complain(cloud.Find("timeout")!, "'timeout' is a time up to an hour such as 500ms, 30s or 2m");
        return null;
    }

    private int Faults(YamlSection section, int clouds)
    {
        int faults = (clouds - 1) / 3;
        if (section.Find("faults") is { } node
            && !(node is YamlScalarNode { Value: { } text } && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out faults) && faults is >= 1 and < CloudConfiguration.CloudsMax))
        {
            _tree.Complain(node, $"'faults' is how many clouds may lie, a number from 1, and this is {YamlSection.Describe(node)}");
            return faults;
        }

        // Clouds that were complained about do not count here.
        bool isCounted = _tree.Failure is null;
        YamlNode place = section.Find("faults") ?? section.Find("clouds") ?? section.Place;
        if (isCounted && clouds > CloudConfiguration.CloudsMax)
        {
            _tree.Complain(place, $"there are {clouds} clouds, and at most {CloudConfiguration.CloudsMax} are allowed");
        }
        else if (isCounted && (faults < 1 || clouds != (3 * faults) + 1))
        {
            int wanted = (3 * Math.Max(1, faults)) + 1;
            _tree.Complain(place, $"{Math.Max(1, faults)} lying clouds are borne by {wanted}, and there are {clouds}: n = 3f+1");
        }

        return faults;
    }

    private Dictionary<string, string> Keys(YamlSection section)
    {
        Dictionary<string, string> keys = new(StringComparer.Ordinal);
        if (section.Find("keys") is { } node && YamlSection.Read(_tree, node, "'keys'", CloudConfiguration.KeyUses) is { } named)
        {
            foreach (string use in named.Keys)
            {
                if (named.OptionalText(use) is { } path)
                {
                    keys[use] = PathOf(path);
                }
            }
        }

        return keys;
    }

    private string PathOf(string path) => Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(file))!);
}
