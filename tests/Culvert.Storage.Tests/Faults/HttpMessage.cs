using System.Globalization;
using System.Text;

namespace Culvert.Storage.Tests;

/// <summary>A request or an answer of HTTP/1.1 as it is on the wire, with its whole body.</summary>
internal sealed class HttpMessage
{
    private const int HeadBytesMax = 64 << 10;
    private const int BodyBytesMax = 64 << 20;

    internal HttpMessage(string firstLine, IEnumerable<(string Name, string Value)> headers, byte[] body) =>
        (FirstLine, Headers, Body) = (firstLine, [.. headers], body);

    internal string FirstLine { get; }

    internal List<(string Name, string Value)> Headers { get; }

    internal byte[] Body { get; set; }

    internal string Method => FirstLine.Split(' ')[0];

    /// <summary>Path and query, as they were sent.</summary>
    internal string Target => FirstLine.Split(' ')[1];

    internal string Path => Target.Split('?')[0];

    internal int Status => int.Parse(FirstLine.Split(' ')[1], CultureInfo.InvariantCulture);

    internal string? this[string name] =>
        Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).FirstOrDefault();

    /// <summary>Reads a head; null when the connection is at its end.</summary>
    internal static async Task<HttpMessage?> ReadHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        List<byte> head = [];
        byte[] one = new byte[1];
        while (!(head.Count >= 4 && head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n'))
        {
            if (head.Count > HeadBytesMax || await stream.ReadAsync(one, cancellationToken) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        string[] lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new HttpMessage(
            lines[0],
            lines[1..].Select(line => line.Split(':', 2)).Select(parts => (parts[0].Trim(), parts[1].Trim())),
            []);
    }

    /// <summary>Reads the body that the head tells of; an answer without a length goes on to the connection's end.</summary>
    internal async Task ReadBodyAsync(Stream stream, bool isAnswer, CancellationToken cancellationToken)
    {
        if (this["Transfer-Encoding"]?.Contains("chunked", StringComparison.OrdinalIgnoreCase) == true)
        {
            Body = await ReadChunksAsync(stream, cancellationToken);
        }
        else if (this["Content-Length"] is { } length)
        {
            int bytes = int.Parse(length, CultureInfo.InvariantCulture);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, BodyBytesMax);
            Body = new byte[bytes];
            await stream.ReadExactlyAsync(Body, cancellationToken);
        }
        else if (isAnswer)
        {
            using MemoryStream all = new();
            await stream.CopyToAsync(all, cancellationToken);
            Body = all.ToArray();
        }

        Headers.RemoveAll(header => header.Name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The bytes of its head; a length is given where <paramref name="length"/> is.</summary>
    internal byte[] Head(string connection, int? length)
    {
        IEnumerable<(string Name, string Value)> kept = Headers.Where(header =>
            !header.Name.Equals("Connection", StringComparison.OrdinalIgnoreCase)
            && !header.Name.Equals("Expect", StringComparison.OrdinalIgnoreCase)
            && !(length is not null && header.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)));
        StringBuilder head = new(FirstLine + "\r\n");
        foreach ((string name, string value) in kept)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        head.Append(CultureInfo.InvariantCulture, $"Connection: {connection}\r\n");
        if (length is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n");
        }

        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }

    private static async Task<byte[]> ReadChunksAsync(Stream stream, CancellationToken cancellationToken)
    {
        using MemoryStream all = new();
        while (true)
        {
            int bytes = int.Parse((await ReadLineAsync(stream, cancellationToken)).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            byte[] chunk = new byte[bytes];
            await stream.ReadExactlyAsync(chunk, cancellationToken);
            all.Write(chunk);
            await ReadLineAsync(stream, cancellationToken);
            if (bytes == 0 || all.Length > BodyBytesMax)
            {
                return all.ToArray();
            }
        }
    }

    private static async Task<string> ReadLineAsync(Stream stream, CancellationToken cancellationToken)
    {
        StringBuilder line = new();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one, cancellationToken) > 0 && one[0] != '\n')
        {
            if (one[0] != '\r')
            {
                line.Append((char)one[0]);
            }
        }

        return line.ToString();
    }
}
