using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Culvert.Storage;

/// <summary>Makes the requests of a WebDAV folder (RFC 4918).</summary>
internal sealed class WebDavRequests
{
    internal static readonly HttpMethod MkCol = new("MKCOL");

    private static readonly HttpMethod s_move = new("MOVE");
    private static readonly HttpMethod s_propFind = new("PROPFIND");

    private static readonly byte[] s_properties =
        """<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/><getlastmodified/></prop></propfind>"""u8.ToArray();

    private readonly Uri _folder;
    private readonly AuthenticationHeaderValue? _credentials;

    internal WebDavRequests(WebDavOptions options)
    {
        _folder = new UriBuilder(options.Folder) { UserName = "", Password = "", Query = "", Fragment = "", Path = options.Folder.AbsolutePath.TrimEnd('/') + "/" }.Uri;
        _credentials = options.User is null
            ? null
            : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.User}:{options.Password}")));
    }

    /// <summary>Where a name is. Names hold nothing that a URL escapes.</summary>
    internal Uri UriOf(string name) => new(_folder, "./" + name);

    internal HttpRequestMessage New(HttpMethod method, string name)
    {
        HttpRequestMessage request = new(method, UriOf(name));
        request.Headers.Authorization = _credentials;
        return request;
    }

    internal HttpRequestMessage MakeFolder(string folder) => New(MkCol, folder);

    internal HttpRequestMessage Move(string from, string to)
    {
        HttpRequestMessage request = New(s_move, from);
        request.Headers.Add("Destination", UriOf(to).AbsoluteUri);
        request.Headers.Add("Overwrite", "F");
        return request;
    }

    internal HttpRequestMessage Properties(string folder, int depth)
    {
        HttpRequestMessage request = New(s_propFind, folder);
        request.Headers.Add("Depth", depth.ToString(CultureInfo.InvariantCulture));
        request.Content = new ByteArrayContent(s_properties);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/xml", "utf-8");
        return request;
    }
}
