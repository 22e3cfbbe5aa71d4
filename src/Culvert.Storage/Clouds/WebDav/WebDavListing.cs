using System.Globalization;
using System.Xml.Linq;

namespace Culvert.Storage;

/// <summary>Reads multi-status answers (RFC 4918, section 13).</summary>
internal static class WebDavListing
{
    private static readonly XNamespace s_dav = "DAV:";

    /// <summary>
    /// What an answer of depth 1 says is in a folder. Entries that are elsewhere are passed over; an answer of entries from elsewhere
    /// alone, the folder itself not among them, is malformed: it is that of a proxy whose server knows the folder by another path,
    /// and everything would seem to be gone.
    /// </summary>
    internal static CloudOutcome<List<WebDavEntry>> Children(string call, Uri folder, XElement answer, DateTimeOffset? now)
    {
        if (answer.Name != s_dav + "multistatus")
        {
            return NoMultiStatus(call);
        }

        List<WebDavEntry> children = [];
        bool isHere = false;
        XElement[] responses = [.. answer.Elements(s_dav + "response")];
        foreach (XElement response in responses)
        {
            string? name = NameIn(folder, response.Element(s_dav + "href")?.Value);
            isHere |= name is not null;
            if (name is { Length: > 0 } && !name.Contains('/', StringComparison.Ordinal))
            {
                children.Add(Entry(name, response, now));
            }
        }

        return isHere || responses.Length == 0
            ? children
            : new CloudFailure(CloudFailureKind.Malformed, $"{call}: it lists another folder than {folder.AbsolutePath}");
    }

    /// <summary>What an answer of depth 0 says of what was asked for; nothing when it speaks of something else.</summary>
    internal static CloudOutcome<List<WebDavEntry>> Itself(string call, Uri asked, XElement answer)
    {
        if (answer.Name != s_dav + "multistatus")
        {
            return NoMultiStatus(call);
        }

        return answer.Elements(s_dav + "response")
            .Where(response => NameIn(asked, response.Element(s_dav + "href")?.Value) is "")
            .Select(response => Entry("", response, null))
            .ToList();
    }

    private static CloudFailure NoMultiStatus(string call) => new(CloudFailureKind.Malformed, $"{call}: its answer is no multi-status");

    private static WebDavEntry Entry(string name, XElement response, DateTimeOffset? now)
    {
        XElement[] properties = [.. response.Elements(s_dav + "propstat").Where(IsFound).Elements(s_dav + "prop")];
        bool isFolder = properties.Elements(s_dav + "resourcetype").Elements(s_dav + "collection").Any();
        string? length = properties.Elements(s_dav + "getcontentlength").FirstOrDefault()?.Value;
        string? changed = properties.Elements(s_dav + "getlastmodified").FirstOrDefault()?.Value;
        return new WebDavEntry(
            name,
            isFolder,
            long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : null,
            DateTimeOffset.TryParseExact(changed, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset last)
                ? now - last : null);
    }

    // The answer's wording of properties that it has: `HTTP/1.1 200 OK`.
    private static bool IsFound(XElement propstat) =>
        propstat.Element(s_dav + "status")?.Value.Split(' ') is [_, "200", ..];

    /// <summary>Where an entry is below a folder: empty for itself, null elsewhere.</summary>
    private static string? NameIn(Uri folder, string? href)
    {
        if (href is null || !Uri.TryCreate(folder, href.Trim(), out Uri? uri))
        {
            return null;
        }

        string path = Uri.UnescapeDataString(uri.AbsolutePath).TrimEnd('/') + "/";
        string parent = Uri.UnescapeDataString(folder.AbsolutePath).TrimEnd('/') + "/";
        return path.StartsWith(parent, StringComparison.Ordinal) ? path[parent.Length..].TrimEnd('/') : null;
    }
}
