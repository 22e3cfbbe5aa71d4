using System.Reflection;
using Culvert.Enclaves.Simulation;

namespace Culvert.Enclaves;

/// <summary>
/// Makes an enclave of any program: <c>if (EnclaveProgram.RunIfAsked(args, Work) is int code) return code;</c> as the first
/// thing in <c>Main</c>.
/// </summary>
public static class EnclaveProgram
{
    /// <summary>The first of the arguments with which a program is asked to be an enclave.</summary>
    public const string Argument = "--culvert-enclave";

    /// <summary>
    /// Null when the program was not started as an enclave. Otherwise locks the process down, runs <paramref name="main"/>, and
    /// returns the exit code. Whatever <paramref name="main"/> will need from disk (assemblies, native libraries) is
    /// loaded before; <paramref name="warmUp"/> loads what the program needs beyond Culvert's own.
    /// </summary>
    public static int? RunIfAsked(string[] args, Func<EnclaveContext, int> main, Action? warmUp = null) =>
        args.Length > 0 && args[0] == Argument ? SimulatedEnclave.Run(args, main, warmUp) : null;

    /// <summary>
    /// Loads an assembly and all that it refers to, directly or not, since nothing can be loaded later. What cannot be found
    /// is left out: it may never be needed.
    /// </summary>
    public static void LoadClosure(Assembly root) => AssemblyClosure.Load(root);
}
