using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

[assembly: AssemblyFixture(typeof(Culvert.Storage.Tests.WebDavServers))]

namespace Culvert.Storage.Tests;

/// <summary>
/// WebDAV servers of other makes on loopback, each started when the first test asks for it and ended after the last. What
/// <c>./test</c> could not install skips the tests that ask for it.
/// </summary>
public sealed class WebDavServers : IAsyncDisposable
{
    private const string User = "culvert";
    private const string ApacheModules = "/usr/lib/apache2/modules";

    private readonly Lazy<Task<Uri>> _apache;
    private readonly Lazy<Task<Uri>> _lighttpd;
    private readonly Lazy<Task<Uri>> _rclone;
    private readonly List<ServerProcess> _started = [];
    private readonly List<string> _folders = [];
    private readonly string _password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly Lock _lock = new();

    public WebDavServers() => (_apache, _lighttpd, _rclone) = (new(StartApacheAsync), new(StartLighttpdAsync), new(StartRcloneAsync));

    private string Credentials => Convert.ToBase64String(Encoding.ASCII.GetBytes($"{User}:{_password}"));

    /// <summary>A driver for a folder of Apache's mod_dav.</summary>
    internal async Task<ICloud> ApacheAsync(string container)
    {
        SkipUnlessInstalled("APACHE", "apache2-bin", "/usr/sbin/apache2", $"{ApacheModules}/mod_dav_fs.so");
        return Open(await _apache.Value, container);
    }

    /// <summary>A driver for a folder of lighttpd's mod_webdav.</summary>
    internal async Task<ICloud> LighttpdAsync(string container)
    {
        SkipUnlessInstalled("LIGHTTPD", "lighttpd and lighttpd-mod-webdav", "/usr/sbin/lighttpd", "/usr/lib/lighttpd/mod_webdav.so");
        return Open(await _lighttpd.Value, container);
    }

    /// <summary>A driver for a folder that rclone serves, with Go's WebDAV.</summary>
    internal async Task<ICloud> RcloneAsync(string container)
    {
        SkipUnlessInstalled("RCLONE", "rclone", "/usr/bin/rclone");
        return Open(await _rclone.Value, container);
    }

    public ValueTask DisposeAsync()
    {
        foreach (ServerProcess server in _started)
        {
            server.Dispose();
        }

        foreach (string folder in _folders)
        {
            Directory.Delete(folder, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    private async Task<Uri> StartApacheAsync()
    {
        string folder = NewFolder();
        int port = FreePort();
        string[] modules = ["mpm_event", "authz_core", "dav", "dav_fs"];
        string configuration = Path.Combine(folder, "httpd.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            {{string.Join('\n', modules.Select(name => $"LoadModule {name}_module {ApacheModules}/mod_{name}.so"))}}
            ServerName 127.0.0.1
            Listen 127.0.0.1:{{port}}
            PidFile {{folder}}/pid
            ErrorLog {{folder}}/errors
            DocumentRoot {{folder}}/dav
            DavLockDB {{folder}}/locks
            <Directory {{folder}}/dav>
              Dav On
              Require expr "%{HTTP:Authorization} == 'Basic {{Credentials}}'"
            </Directory>

            """);

        // Apache does not serve as root.
        string[] server = ["/usr/sbin/apache2", "-d", folder, "-f", configuration, "-DFOREGROUND"];
        return await StartAsync(
            port,
            Environment.IsPrivilegedProcess
                ? ["sh", "-c", "chown -R www-data:www-data \"$0\" && exec setpriv --reuid=www-data --regid=www-data --clear-groups \"$@\"", folder, .. server]
                : server);
    }

    private async Task<Uri> StartLighttpdAsync()
    {
        string folder = NewFolder();
        int port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "users"), $"{User}:{_password}\n");
        string configuration = Path.Combine(folder, "lighttpd.conf");
        await File.WriteAllTextAsync(configuration, $"""
            server.modules = ( "mod_auth", "mod_authn_file", "mod_webdav" )
            server.document-root = "{folder}/dav"
            server.bind = "127.0.0.1"
            server.port = {port}
            server.errorlog = "{folder}/errors"
            server.upload-dirs = ( "{folder}" )
            webdav.activate = "enable"
            auth.backend = "plain"
            auth.backend.plain.userfile = "{folder}/users"
            auth.require = ( "" => ( "method" => "basic", "realm" => "units", "require" => "valid-user" ) )

            """);
        return await StartAsync(port, ["/usr/sbin/lighttpd", "-D", "-f", configuration]);
    }

    private async Task<Uri> StartRcloneAsync()
    {
        string folder = NewFolder();
        int port = FreePort();
        return await StartAsync(
            port,
            [
                "/usr/bin/rclone", "serve", "webdav", Path.Combine(folder, "dav"), "--addr", $"127.0.0.1:{port}", "--user", User, "--pass", _password,
                "--config", Path.Combine(folder, "rclone.conf"), "--cache-dir", Path.Combine(folder, "cache"),
            ]);
    }

    private async Task<Uri> StartAsync(int port, IReadOnlyList<string> command)
    {
        Uri root = new($"http://127.0.0.1:{port}/");
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Credentials);
        (ServerProcess server, Uri ready) = await ServerProcess.StartAsync(
            command,
            new Dictionary<string, string>(),
            async _ =>
            {
                try
                {
                    using HttpResponseMessage answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod("PROPFIND"), root) { Headers = { { "Depth", "0" } } });
                    return answer.StatusCode == HttpStatusCode.MultiStatus ? root : null;
                }
                catch (HttpRequestException)
                {
                    return null;
                }
            });
        lock (_lock)
        {
            _started.Add(server);
        }

        return ready;
    }

    private WebDavCloud Open(Uri server, string container) =>
        new("webdav", new WebDavOptions(new Uri(server, container), User, _password), MachinePorts.Instance);

    private string NewFolder()
    {
        string folder = Directory.CreateTempSubdirectory("culvert-webdav-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "dav"));
        lock (_lock)
        {
            _folders.Add(folder);
        }

        return folder;
    }

    private static void SkipUnlessInstalled(string server, string packages, params string[] files) => Assert.SkipUnless(
        files.All(File.Exists),
        $"THE SERVER {server} IS NOT AT HAND, so nothing is tested against it: Debian's {packages} is not installed (./test does it for root)");

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
