using Culvert.Enclaves.Linux;

namespace Culvert.Enclaves.Simulation;

/// <summary>
/// Starts a program with nothing of this process but one file: .NET's own way to start processes cannot hand over a file
/// without leaving it open to every other program that is started meanwhile.
/// </summary>
internal static unsafe class Spawning
{
    // More than any C library's types need (glibc: 80 and 336 bytes).
    private const int OpaqueBytes = 1024;
    private const int SignalSetBytes = 128;

    private const short SetSignalDefaults = 4;
    private const short SetSignalMask = 8;
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;

    /// <summary>The new process's id. It is a child of the calling thread.</summary>
    internal static Outcome<int> Start(string executable, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, int descriptor, bool keepsStandardError)
    {
        byte* actions = stackalloc byte[OpaqueBytes];
        byte* attributes = stackalloc byte[OpaqueBytes];
        byte* noSignals = stackalloc byte[SignalSetBytes];
        byte* allSignals = stackalloc byte[SignalSetBytes];
        new Span<byte>(noSignals, SignalSetBytes).Clear();
        new Span<byte>(allSignals, SignalSetBytes).Fill(0xff);

        using NativeStrings path = new([executable, "/dev/null"]);
        using NativeStrings argumentList = new([executable, .. arguments]);
        using NativeStrings environmentList = new(environment);
        _ = LinuxCalls.InitializeActions(actions);
        _ = LinuxCalls.InitializeAttributes(attributes);
        try
        {
            byte* nothing = path.Pointers[1];
            int refused = LinuxCalls.AddOpen(actions, 0, nothing, ReadOnly, 0) | LinuxCalls.AddOpen(actions, 1, nothing, WriteOnly, 0)
                | (keepsStandardError ? 0 : LinuxCalls.AddOpen(actions, 2, nothing, WriteOnly, 0))
                | LinuxCalls.AddDuplicate(actions, descriptor, EnclaveArguments.RegionDescriptor)
                | LinuxCalls.SetSignalMask(attributes, noSignals) | LinuxCalls.SetDefaultSignals(attributes, allSignals)
                | LinuxCalls.SetFlags(attributes, SetSignalDefaults | SetSignalMask);
            int process = 0;
            int error = refused != 0 ? refused
                : LinuxCalls.Spawn(&process, path.Pointers[0], actions, attributes, argumentList.Pointers, environmentList.Pointers);
            return error == 0 ? process
                : new Failure(FailureKind.Io, $"cannot start {executable} as an enclave: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}");
        }
        finally
        {
            _ = LinuxCalls.DestroyActions(actions);
            _ = LinuxCalls.DestroyAttributes(attributes);
        }
    }
}
