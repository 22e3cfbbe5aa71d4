using System.Collections.Concurrent;
using System.Diagnostics;

namespace Culvert.Storage.Tests;

/// <summary>
/// A server's process. It ends with this object, and also when the tests' own process ends, however that ends: a shell between them
/// waits for its standard input to close.
/// </summary>
internal sealed class ServerProcess : IDisposable
{
    private const string Watch = "\"$@\" </dev/null & server=$!; cat >/dev/null; kill \"$server\"; wait \"$server\"";

    private static readonly TimeSpan s_startMax = TimeSpan.FromSeconds(60);

    private readonly Process _shell;
    private readonly ConcurrentQueue<string> _output = new();

    private ServerProcess(Process shell) => _shell = shell;

    /// <summary>Starts a program, and waits until <paramref name="readyAsync"/> has something to say; it is asked again and again.</summary>
    internal static async Task<(ServerProcess Server, T Ready)> StartAsync<T>(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, Func<IEnumerable<string>, Task<T?>> readyAsync)
        where T : class
    {
        ProcessStartInfo info = new("sh", ["-c", Watch, "sh", .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            info.Environment[name] = value;
        }

        ServerProcess server = new(Process.Start(info)!);
        server._shell.OutputDataReceived += (_, line) => server._output.Enqueue(line.Data ?? "");
        server._shell.ErrorDataReceived += (_, line) => server._output.Enqueue(line.Data ?? "");
        server._shell.BeginOutputReadLine();
        server._shell.BeginErrorReadLine();
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < s_startMax; await Task.Delay(20))
        {
            if (await readyAsync(server._output) is { } ready)
            {
                return (server, ready);
            }
        }

        server.Dispose();
        throw new InvalidOperationException($"{command[0]} did not get ready: {string.Join('\n', server._output)}");
    }

    public void Dispose()
    {
        try
        {
            _shell.StandardInput.Close();
            _shell.WaitForExit(TimeSpan.FromSeconds(20));
        }
        catch (IOException)
        {
            // It has ended already.
        }

        _shell.Dispose();
    }
}
