using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

namespace Culvert.Storage.Tests;

/// <summary>Answers as a faulty server of each kind gives them.</summary>
internal sealed partial class FaultyAnswers(ServerKind kind)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (byte[] Oldest, byte[] Newest)> _seen = new(StringComparer.Ordinal);

    /// <summary>An answer that the server is not asked for; null: it is.</summary>
    internal HttpMessage? InsteadOf(CloudFault fault, CloudRequest request, HttpMessage message, string echo) => (fault, request) switch
    {
        (CloudFault.Refusing, _) => Refuse(403, kind == ServerKind.Azure ? "AuthorizationFailure" : "AccessDenied", echo),
        (CloudFault.Full, CloudRequest.Put) => Refuse(507, "XMinioStorageFull", echo),
        (CloudFault.Losing, CloudRequest.Get) => Refuse(404, kind == ServerKind.Azure ? "BlobNotFound" : "NoSuchKey", echo),
        (CloudFault.Forgetting, CloudRequest.Put) => new HttpMessage(
            kind == ServerKind.S3 ? "HTTP/1.1 200 OK" : "HTTP/1.1 201 Created", [("ETag", "\"d41d8cd98f00b204e9800998ecf8427e\"")], []),
        (CloudFault.Stale, CloudRequest.Get) => Find(message.Path) is { } seen ? Serve(message, seen.Oldest) : null,
        (CloudFault.Swapping, CloudRequest.Get) => FindOther(message.Path) is { } other ? Serve(message, other) : null,
        _ => null,
    };

    /// <summary>Changes what the server answered.</summary>
    internal void Change(CloudFault fault, CloudRequest request, HttpMessage message, HttpMessage answer)
    {
        if (request == CloudRequest.Put && answer.Status is >= 200 and < 300 && fault != CloudFault.Forgetting)
        {
            Remember(message);
        }

        bool isList = request == CloudRequest.List && answer.Status is >= 200 and < 300;
        if (fault == CloudFault.Flipping && request == CloudRequest.Get && answer.Body.Length > 0 && answer.Status is >= 200 and < 300)
        {
            answer.Body[answer.Body.Length / 2] ^= 0x10;
        }
        else if (isList && fault is CloudFault.ListMissing or CloudFault.ListExtra or CloudFault.ListTwice)
        {
            answer.Body = Encoding.UTF8.GetBytes(ChangeList(fault, Encoding.UTF8.GetString(answer.Body)));
        }
    }

    private string ChangeList(CloudFault fault, string xml)
    {
        Regex entries = kind switch { ServerKind.S3 => S3Entry(), ServerKind.Azure => AzureEntry(), _ => WebDavEntry() };
        Match? first = entries.Matches(xml).FirstOrDefault(match => kind != ServerKind.WebDav || match.Value.Contains("getcontentlength", StringComparison.Ordinal));
        if (first is null)
        {
            return xml;
        }

        // The extra entry sorts behind its model.
        string replacement = fault switch
        {
            CloudFault.ListMissing => "",
            CloudFault.ListTwice => first.Value + first.Value,
            _ => first.Value + LastOfName().Replace(first.Value, "$1-extra$2", 1),
        };
        return string.Concat(xml.AsSpan(0, first.Index), replacement, xml.AsSpan(first.Index + first.Length));
    }

    private static HttpMessage Refuse(int status, string code, string echo) => new(
        $"HTTP/1.1 {status} {(echo.Length == 0 ? "No" : echo)}",
        [("Content-Type", "application/xml"), ("x-ms-error-code", echo.Length == 0 ? code : echo)],
        Encoding.UTF8.GetBytes($"<?xml version=\"1.0\"?><Error><Code>{(echo.Length == 0 ? code : echo)}</Code><Message>{echo}</Message><Resource>{echo}</Resource></Error>"));

    private static HttpMessage Serve(HttpMessage request, byte[] content)
    {
        List<(string, string)> headers = [("ETag", "\"d41d8cd98f00b204e9800998ecf8427e\""), ("Last-Modified", "Sun, 01 Mar 2026 00:00:00 GMT")];
        if (request.Method == "HEAD")
        {
            return new HttpMessage("HTTP/1.1 200 OK", [.. headers, ("Content-Length", content.Length.ToString(CultureInfo.InvariantCulture))], []);
        }

        if (!RangeHeaderValue.TryParse(request["Range"] ?? request["x-ms-range"], out RangeHeaderValue? range))
        {
            return new HttpMessage("HTTP/1.1 200 OK", headers, content);
        }

        int from = (int)range.Ranges.First().From!.Value;
        int to = (int)Math.Min(range.Ranges.First().To ?? int.MaxValue, content.Length - 1);
        return from > to
            ? new HttpMessage("HTTP/1.1 416 Range Not Satisfiable", [("Content-Range", $"bytes */{content.Length}")], [])
            : new HttpMessage("HTTP/1.1 206 Partial Content", [.. headers, ("Content-Range", $"bytes {from}-{to}/{content.Length}")], content[from..(to + 1)]);
    }

    private void Remember(HttpMessage message)
    {
        lock (_lock)
        {
            if (message.Method == "MOVE")
            {
                string to = new Uri(message["Destination"]!).AbsolutePath;
                if (_seen.Remove(message.Path, out (byte[] Oldest, byte[] Newest) moved))
                {
                    _seen[to] = (_seen.TryGetValue(to, out (byte[] Oldest, byte[] Newest) old) ? old.Oldest : moved.Newest, moved.Newest);
                }
            }
            else
            {
                _seen[message.Path] = (_seen.TryGetValue(message.Path, out (byte[] Oldest, byte[] Newest) old) ? old.Oldest : message.Body, message.Body);
            }
        }
    }

    private (byte[] Oldest, byte[] Newest)? Find(string path)
    {
        lock (_lock)
        {
            return _seen.TryGetValue(path, out (byte[] Oldest, byte[] Newest) found) ? found : null;
        }
    }

    private byte[]? FindOther(string path)
    {
        lock (_lock)
        {
            return _seen.Where(item => item.Key != path && !item.Key.Contains('~', StringComparison.Ordinal))
                .OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => item.Value.Newest).FirstOrDefault();
        }
    }

    [GeneratedRegex("<Contents>.*?</Contents>", RegexOptions.Singleline)]
    private static partial Regex S3Entry();

    [GeneratedRegex("<Blob>.*?</Blob>", RegexOptions.Singleline)]
    private static partial Regex AzureEntry();

    [GeneratedRegex("<D:response>.*?</D:response>", RegexOptions.Singleline)]
    private static partial Regex WebDavEntry();

    [GeneratedRegex("(<(?:Key|Name|D:href)>[^<]*)(<)")]
    private static partial Regex LastOfName();
}
