using System.Globalization;
using System.Xml.Linq;

namespace Culvert.Storage;

/// <summary>Reads a multi-status answer (RFC 4918, section 13) of depth 1.</summary>
internal static class WebDavListing
{
    private static readonly XNamespace s_dav = "DAV:";

    /// <summary>What is in a folder; entries that are elsewhere, or that cannot be ours, are passed over.</summary>
    internal static CloudOutcome<List<FolderChild>> Children(string call, Uri folder, XElement answer)
    {
        if (answer.Name != s_dav + "multistatus")
        {
            return new CloudFailure(CloudFailureKind.Malformed, $"{call}: its answer is no multi-status");
        }

        List<FolderChild> children = [];
        foreach (XElement response in answer.Elements(s_dav + "response"))
        {
            if (NameIn(folder, response.Element(s_dav + "href")?.Value) is not { } name)
            {
                continue;
            }

            XElement[] properties = [.. response.Elements(s_dav + "propstat").Where(IsFound).Elements(s_dav + "prop")];
            bool isFolder = properties.Elements(s_dav + "resourcetype").Elements(s_dav + "collection").Any();
            if (isFolder)
            {
                children.Add(new FolderChild(name, IsFolder: true, 0));
            }
            else if (long.TryParse(properties.Elements(s_dav + "getcontentlength").FirstOrDefault()?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes))
            {
                children.Add(new FolderChild(name, IsFolder: false, bytes));
            }
        }

        return children;
    }

    // The answer's wording of properties that it has: `HTTP/1.1 200 OK`.
    private static bool IsFound(XElement propstat) =>
        propstat.Element(s_dav + "status")?.Value.Split(' ') is [_, "200", ..];

    private static string? NameIn(Uri folder, string? href)
    {
        if (href is null || !Uri.TryCreate(folder, href.Trim(), out Uri? uri))
        {
            return null;
        }

        string path = Uri.UnescapeDataString(uri.AbsolutePath);
        string parent = Uri.UnescapeDataString(folder.AbsolutePath);
        if (!path.StartsWith(parent, StringComparison.Ordinal))
        {
            return null;
        }

        string name = path[parent.Length..].TrimEnd('/');
        return CloudName.IsSound(name) && !name.Contains('/', StringComparison.Ordinal) ? name : null;
    }
}
