using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using Culvert.Enclaves.Linux;

namespace Culvert.Enclaves.Tests.Simulation;

/// <summary>What code inside an enclave may want to do. Each returns what it got, or throws.</summary>
internal static class InsideAttempts
{
    internal static string Try(EnclaveContext context, string attempt, string argument) => attempt switch
    {
        "echo" => argument,
        "report" => context.Lockdown.ToString(),
        "environment" => string.Join(' ', Environment.GetEnvironmentVariables().Keys.Cast<string>().Order(StringComparer.Ordinal)),
        "read" => "done: read " + File.ReadAllBytes(argument).Length,
        "list" => "done: " + Directory.GetFileSystemEntries(argument).Length,
        "write" => Done(() => File.WriteAllText(argument, "out")),
        "socket" => Done(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp).Dispose()),
        "start" => Done(() => System.Diagnostics.Process.Start(argument).Dispose()),
        "assembly" => Done(() => Assembly.LoadFrom(argument)),
        "library" => Done(() => System.Runtime.InteropServices.NativeLibrary.Load(argument)),
        "call" => Call(argument.Split(' ').Select(word => nint.Parse(word, CultureInfo.InvariantCulture)).ToArray()),
        "work" => InsideWork.Run(),
        "wait" => context.Channel.Await(TimeSpan.FromMilliseconds(30), "the host's word").Failure?.ToString() ?? "done: something came",
        "throw" => throw new NotSupportedException("a failure that nobody handles"),
        "overflow" => Recurse(1).ToString(CultureInfo.InvariantCulture),
        "return" => Leave(int.Parse(argument, CultureInfo.InvariantCulture)),
        _ => throw new NotSupportedException(attempt),
    };

    private static string Done(Action attempt)
    {
        attempt();
        return "done";
    }

    private static string Leave(int code)
    {
        Environment.Exit(code);
        return "";
    }

    private static long Recurse(long depth) => depth < 0 ? 0 : Recurse(depth + 1) + depth;

    /// <summary>A system call by its number, and up to six arguments.</summary>
    private static string Call(nint[] words)
    {
        nint At(int index) => index < words.Length ? words[index] : 0;
        nint result = LinuxCalls.SystemCall(At(0), At(1), At(2), At(3), At(4), At(5), At(6));
        return result >= 0 ? "done: " + result : "refused: errno " + System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
    }
}
