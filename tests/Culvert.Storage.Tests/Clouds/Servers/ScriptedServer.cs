using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Culvert.Storage.Tests;

/// <summary>
/// An HTTP server on loopback that answers as a test says: what servers do that cannot be had here. It keeps the requests it got.
/// </summary>
/// <param name="answer">What it says to a request whose body has come, but where <paramref name="refuseHead"/> said something.</param>
/// <param name="refuseHead">What it says to a request's head before its body; null: go on. The connection ends then.</param>
internal sealed class ScriptedServer(Func<HttpMessage, HttpMessage> answer, Func<HttpMessage, HttpMessage?>? refuseHead = null) : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _connections = [];
    private readonly List<HttpMessage> _requests = [];
    private readonly Lock _lock = new();
    private Task _accepting = Task.CompletedTask;

    /// <summary>Where it listens.</summary>
    internal Uri Address { get; private set; } = new("http://127.0.0.1/");

    /// <summary>What it was asked, in the order of arrival.</summary>
    internal IReadOnlyList<HttpMessage> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Begins to listen.</summary>
    internal ScriptedServer Start()
    {
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
        return this;
    }

    /// <summary>An answer.</summary>
    internal static HttpMessage Says(int status, string body = "", params (string Name, string Value)[] headers) =>
        new(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Said"), headers, Encoding.UTF8.GetBytes(body));

    /// <summary>S3's way to say what is wrong.</summary>
    internal static HttpMessage S3Says(int status, string code, params (string Name, string Value)[] headers) => Says(
        status,
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>said</Message><RequestId>1</RequestId></Error>",
        [("Content-Type", "application/xml"), .. headers]);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Task[] connections;
        lock (_lock)
        {
            connections = [.. _connections];
        }

        await Task.WhenAll(connections);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                lock (_lock)
                {
                    _connections.Add(ServeAsync(client));
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped, or disposed of: the listener says either.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                while (await HttpMessage.ReadHeadAsync(stream, _end.Token) is { } request)
                {
                    lock (_lock)
                    {
                        _requests.Add(request);
                    }

                    if (refuseHead?.Invoke(request) is { } refusal)
                    {
                        // What comes after it is not read: the system answers it with a reset.
                        await SendAsync(stream, refusal, "close");
                        return;
                    }

                    if (request["Expect"] is not null)
                    {
                        await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _end.Token);
                    }

                    await request.ReadBodyAsync(stream, isAnswer: false, _end.Token);
                    HttpMessage said = answer(request);
                    if (request.Method == "HEAD")
                    {
                        said.Body = [];
                    }

                    await SendAsync(stream, said, "keep-alive");
                }
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
            }
        }
    }

    private async Task SendAsync(NetworkStream stream, HttpMessage said, string connection)
    {
        await stream.WriteAsync(said.Head(connection, said.Body.Length), _end.Token);
        await stream.WriteAsync(said.Body, _end.Token);
    }
}
