using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Culvert.Storage.Tests;

/// <summary>
/// Stands before an HTTP server of a cloud on a port of its own, and does what <see cref="Fault"/> says, which may be changed at any
/// time. It looks at all that passes, so that it can send old versions and other objects later.
/// </summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private readonly ServerKind _kind;
    private readonly Uri _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly FaultyAnswers _answers;
    private readonly Task _accepting;
    private int _requests;

    /// <summary>A proxy before <paramref name="server"/>, as <see cref="ServerClouds.ServerAsync"/> gives it.</summary>
    public FaultyProxy(ServerKind kind, Uri server)
    {
        (_kind, _server, _answers) = (kind, server, new FaultyAnswers(kind));
        _listener.Start();
        Address = new UriBuilder(server) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _accepting = AcceptAsync();
    }

    /// <summary>The server's URL through the proxy.</summary>
    public Uri Address { get; }

    /// <summary>What it does wrong.</summary>
    public CloudFault Fault { get; set; }

    /// <summary>The fault is for requests of this method only; null: for all.</summary>
    public string? OnlyMethod { get; set; }

    /// <summary>The fault is for so many requests, and then over.</summary>
    public int TimesLeft { get; set; } = int.MaxValue;

    /// <summary>How long it waits with <see cref="CloudFault.Slow"/>: 30 s as slow clouds take, or what a test has time for.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Text that goes into everything the proxy says itself: a server that repeats what it was sent.</summary>
    public string Echo { get; set; } = "";

    /// <summary>Requests that came, whatever was done with them.</summary>
    public int Requests => _requests;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                Task connection = ServeAsync(client);
                _connections[connection] = true;
                _ = connection.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
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
                while (await HttpMessage.ReadHeadAsync(stream, _end.Token) is { } request && await AnswerAsync(request, stream))
                {
                }

                // A reset, so that the other end does not wait for more.
                client.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
            }
        }
    }

    /// <summary>Answers a request; false: the connection ends.</summary>
    private async Task<bool> AnswerAsync(HttpMessage request, NetworkStream stream)
    {
        Interlocked.Increment(ref _requests);
        CloudFault fault = Now(request);
        CloudRequest kind = CloudRequests.KindOf(_kind, request);
        if (fault == CloudFault.Down || (fault == CloudFault.Cutting && kind == CloudRequest.Put))
        {
            return false;
        }

        if (request["Expect"] is not null)
        {
            await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _end.Token);
        }

        await request.ReadBodyAsync(stream, isAnswer: false, _end.Token);
        if (fault == CloudFault.Slow)
        {
            await Task.Delay(Delay, _end.Token);
        }

        if (fault == CloudFault.Babbling)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"220 mail.example ESMTP {Echo}\r\n\r\n"), _end.Token);
            return false;
        }

        HttpMessage answer = _answers.InsteadOf(fault, kind, request, Echo) ?? await ForwardAsync(request);
        if (fault == CloudFault.Mute)
        {
            return false;
        }

        _answers.Change(fault, kind, request, answer);
        return await SendAsync(fault, request, answer, stream);
    }

    private CloudFault Now(HttpMessage request)
    {
        lock (_answers)
        {
            bool applies = Fault != CloudFault.None && TimesLeft > 0 && (OnlyMethod is null || OnlyMethod == request.Method);
            TimesLeft -= applies ? 1 : 0;
            return applies ? Fault : CloudFault.None;
        }
    }

    private async Task<bool> SendAsync(CloudFault fault, HttpMessage request, HttpMessage answer, NetworkStream stream)
    {
        if (fault == CloudFault.Flooding)
        {
            await stream.WriteAsync(answer.Head("close", int.MaxValue), _end.Token);
            byte[] block = new byte[1 << 20];
            block.AsSpan().Fill((byte)' ');
            while (true)
            {
                await stream.WriteAsync(block, _end.Token);
            }
        }

        bool hasBody = request.Method != "HEAD" && answer.Status is not (204 or 304);
        await stream.WriteAsync(answer.Head("keep-alive", hasBody ? answer.Body.Length : null), _end.Token);
        if (fault == CloudFault.Cutting && answer.Body.Length > 0)
        {
            await stream.WriteAsync(answer.Body.AsMemory(0, answer.Body.Length / 2), _end.Token);
            return false;
        }

        if (hasBody)
        {
            await stream.WriteAsync(answer.Body, _end.Token);
        }

        return true;
    }

    private async Task<HttpMessage> ForwardAsync(HttpMessage request)
    {
        using TcpClient upstream = new();
        await upstream.ConnectAsync(IPAddress.Loopback, _server.Port, _end.Token);
        NetworkStream stream = upstream.GetStream();
        bool hasLength = request.Body.Length > 0 || request["Content-Length"] is not null;
        await stream.WriteAsync(request.Head("close", hasLength ? request.Body.Length : null), _end.Token);
        await stream.WriteAsync(request.Body, _end.Token);
        HttpMessage? answer = await HttpMessage.ReadHeadAsync(stream, _end.Token);
        while (answer?.Status == 100)
        {
            answer = await HttpMessage.ReadHeadAsync(stream, _end.Token);
        }

        if (answer is null)
        {
            throw new IOException("the server gave no answer");
        }

        if (request.Method != "HEAD" && answer.Status is not (204 or 304))
        {
            await answer.ReadBodyAsync(stream, isAnswer: true, _end.Token);
        }

        return answer;
    }
}
