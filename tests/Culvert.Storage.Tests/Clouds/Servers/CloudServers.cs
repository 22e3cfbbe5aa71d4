using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

[assembly: AssemblyFixture(typeof(Culvert.Storage.Tests.CloudServers))]

namespace Culvert.Storage.Tests;

/// <summary>
/// Real servers on loopback, one of a kind for all tests, each started when the first test asks for it and ended after the last.
/// What <c>./test</c> could not install skips the tests that ask for it.
/// </summary>
public sealed partial class CloudServers : IAsyncDisposable
{
    internal const string AzureAccount = "culverttests";
    internal const string WebDavUser = "culvert";

    private readonly Lazy<Task<Uri>> _s3;
    private readonly Lazy<Task<Uri>> _azure;
    private readonly Lazy<Task<Uri>> _webDav;
    private readonly List<ServerProcess> _started = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-servers-").FullName;

    public CloudServers()
    {
        _s3 = new(StartS3Async);
        _azure = new(StartAzureAsync);
        _webDav = new(StartWebDavAsync);
    }

    /// <summary>The key of Azurite's account, made for this run.</summary>
    internal byte[] AzureKey { get; } = RandomNumberGenerator.GetBytes(64);

    /// <summary>The password of nginx's user, made for this run.</summary>
    internal string WebDavPassword { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Where nginx keeps its files.</summary>
    internal string WebDavFolder => Path.Combine(_folder, "dav");

    private static string Installed => Path.Combine(RepositoryFolder(), ".build", "servers");

    /// <summary>S3rver: the key is <c>S3RVER</c>, and so is the secret.</summary>
    internal Task<Uri> S3Async()
    {
        SkipUnlessInstalled("s3rver");
        return _s3.Value;
    }

    /// <summary>Azurite: the account's URL.</summary>
    internal Task<Uri> AzureAsync()
    {
        SkipUnlessInstalled("azurite-blob");
        return _azure.Value;
    }

    /// <summary>nginx: a folder's URL.</summary>
    internal Task<Uri> WebDavAsync()
    {
        Assert.SkipUnless(
            File.Exists("/usr/sbin/nginx") && File.Exists("/usr/lib/nginx/modules/ngx_http_dav_ext_module.so"),
            "NO WEBDAV SERVER IS AT HAND, so nothing is tested against one: Debian's nginx and libnginx-mod-http-dav-ext are not installed (./test does it for root)");
        return _webDav.Value;
    }

    public ValueTask DisposeAsync()
    {
        foreach (ServerProcess server in _started)
        {
            server.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private Task<Uri> StartS3Async() =>
        StartAsync(
            // Its tokens for continued lists are made with DES, which OpenSSL 3 keeps among its legacy.
            ["node", "--openssl-legacy-provider", Path.Combine(Installed, "node_modules", ".bin", "s3rver"), "-d", Folder("s3"), "-a", "127.0.0.1", "-p", "0", "--silent", "--no-vhost-buckets"],
            new Dictionary<string, string>(),
            output => Task.FromResult(output.Select(line => S3Ready().Match(line)).FirstOrDefault(match => match.Success) is { } ready
                ? new Uri($"http://127.0.0.1:{ready.Groups[1].Value}/")
                : null));

    private Task<Uri> StartAzureAsync() =>
        StartAsync(
            [
                "node", Path.Combine(Installed, "node_modules", ".bin", "azurite-blob"), "--blobHost", "127.0.0.1", "--blobPort", "0",
                "--inMemoryPersistence", "--silent", "--disableTelemetry",
            ],
            new Dictionary<string, string> { ["AZURITE_ACCOUNTS"] = $"{AzureAccount}:{Convert.ToBase64String(AzureKey)}" },
            output => Task.FromResult(output.Select(line => AzureReady().Match(line)).FirstOrDefault(match => match.Success) is { } ready
                ? new Uri($"http://127.0.0.1:{ready.Groups[1].Value}/{AzureAccount}/")
                : null));

    private async Task<Uri> StartWebDavAsync()
    {
        int port = FreePort();
        Directory.CreateDirectory(WebDavFolder);
        string configuration = Path.Combine(Folder("nginx"), "nginx.conf");
        await File.WriteAllTextAsync(Path.Combine(_folder, "nginx", "users"), $"{WebDavUser}:{{PLAIN}}{WebDavPassword}\n");
        await File.WriteAllTextAsync(configuration, $$"""
            load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
            daemon off;
            master_process off;
            pid {{_folder}}/nginx/pid;
            error_log {{_folder}}/nginx/errors;
            events { worker_connections 512; }
            http {
              access_log off;
              client_body_temp_path {{_folder}}/nginx/bodies;
              proxy_temp_path {{_folder}}/nginx/t1;
              fastcgi_temp_path {{_folder}}/nginx/t2;
              uwsgi_temp_path {{_folder}}/nginx/t3;
              scgi_temp_path {{_folder}}/nginx/t4;
              server {
                listen 127.0.0.1:{{port}};
                location /dav/ {
                  alias {{WebDavFolder}}/;
                  client_max_body_size 32m;
                  dav_methods PUT DELETE MKCOL COPY MOVE;
                  dav_ext_methods PROPFIND OPTIONS;
                  auth_basic "tests";
                  auth_basic_user_file {{_folder}}/nginx/users;
                }
              }
            }
            """);
        Uri root = new($"http://127.0.0.1:{port}/dav/");
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{WebDavUser}:{WebDavPassword}")));
        return await StartAsync(
            ["/usr/sbin/nginx", "-p", Path.Combine(_folder, "nginx"), "-c", configuration, "-e", Path.Combine(_folder, "nginx", "errors")],
            new Dictionary<string, string>(),
            async _ =>
            {
                try
                {
                    using HttpResponseMessage answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Options, root));
                    return answer.StatusCode == HttpStatusCode.OK ? root : null;
                }
                catch (HttpRequestException)
                {
                    return null;
                }
            });
    }

    private async Task<Uri> StartAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, Func<IEnumerable<string>, Task<Uri?>> readyAsync)
    {
        (ServerProcess server, Uri uri) = await ServerProcess.StartAsync(command, environment, readyAsync);
        lock (_started)
        {
            _started.Add(server);
        }

        return uri;
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    private static void SkipUnlessInstalled(string program)
    {
        string missing = Installed + ".missing";
        Assert.SkipUnless(
            File.Exists(Path.Combine(Installed, "node_modules", ".bin", program)),
            $"THE SERVER {program.ToUpperInvariant()} IS NOT AT HAND, so nothing is tested against it: "
                + (File.Exists(missing) ? File.ReadAllText(missing).Trim() : "./test installs it into .build/servers"));
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    internal static string RepositoryFolder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Culvert.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"no repository around {AppContext.BaseDirectory}");
    }

    [GeneratedRegex(@"^S3rver listening on 127\.0\.0\.1:(\d+)")]
    private static partial Regex S3Ready();

    [GeneratedRegex(@"^Azurite Blob service successfully listens on http://127\.0\.0\.1:(\d+)")]
    private static partial Regex AzureReady();
}
