using System.Text;
using Culvert.Enclaves.Linux;
using Culvert.Enclaves.Rings;

namespace Culvert.Enclaves.Simulation;

/// <summary>
/// The enclave's side of the simulation. The process starts twice: first to put itself under Landlock, which binds only the
/// calling thread and what comes of it; then, with every thread of the new runtime under it, to load what it needs, to close
/// the system calls, and to work.
/// </summary>
internal static class SimulatedEnclave
{
    internal static int Run(string[] args, Func<EnclaveContext, int> main, Action? warmUp)
    {
        if (!SystemCallNumbers.AreKnown || EnclaveArguments.Parse(args) is not EnclaveArguments arguments)
        {
            return EnclaveExit.BadArguments;
        }

        // In this order: a host that died before the first call is noticed by the second.
        if (!SelfControl.DieWithParent() || !SelfControl.HideMemory() || !SelfControl.GiveUpPrivileges())
        {
            return EnclaveExit.CannotHide;
        }

        if (LinuxCalls.ParentProcessId() != arguments.HostProcessId)
        {
            return EnclaveExit.HostGone;
        }

        return arguments.HasRestarted ? Work(arguments, main, warmUp) : Restart(arguments);
    }

    private static unsafe int Restart(EnclaveArguments arguments)
    {
        int abi = Landlock.Abi;
        if (abi == 0 || !Landlock.Restrict(abi, ReadableFolders(), arguments.Quotes ? [.. s_readableFiles, arguments.KeyFile] : s_readableFiles))
        {
            if (!arguments.AllowsWeakerLockdown)
            {
                return EnclaveExit.NoLandlock;
            }

            abi = 0;
        }

        // The command line as it was, up to the enclave's own arguments.
        string[] line = Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).Split('\0');
        string[] own = (arguments with { LandlockAbi = abi }).ToArguments();
        int begin = Array.LastIndexOf(line, EnclaveProgram.Argument);
        using NativeStrings again = new([.. line[..begin], .. own]);
        using NativeStrings environment = new(EnclaveEnvironment.Again());
        using NativeStrings path = new([Environment.ProcessPath!]);
        if (SelfControl.KeepFilesBelow(EnclaveArguments.RegionDescriptor + 1))
        {
            _ = LinuxCalls.Execute(path.Pointers[0], again.Pointers, environment.Pointers);
        }

        return EnclaveExit.CannotRestart;
    }

    private static int Work(EnclaveArguments arguments, Func<EnclaveContext, int> main, Action? warmUp)
    {
        Outcome<SharedRegion> region = SharedRegion.Open(EnclaveArguments.RegionDescriptor, arguments.RegionBytes);
        if (!region.Succeeded)
        {
            return EnclaveExit.BadSharedMemory;
        }

        region.Value.CloseDescriptor();
        int host = arguments.HostProcessId;

        // Not disposed here: what the host is told of a failure is how the process ended, not that somebody left.
        RingChannel channel = new(
            region.Value, isHost: false, arguments.RingBytes, arguments.MessageBytesMax,
            checkPeer: () => LinuxCalls.ParentProcessId() == host ? null : new Failure(FailureKind.Io, "the host's process is gone"));
        try
        {
            SimulatedQuoter? quoter = arguments.Quotes ? SimulatedQuoter.Load(arguments) : null;
            WarmUp.Run(main.Method.Module.Assembly);
            warmUp?.Invoke();
            if (!SeccompFilter.Install() && !arguments.AllowsWeakerLockdown)
            {
                return EnclaveExit.NoSeccomp;
            }

            LockdownReport report = new(
                arguments.LandlockAbi, SelfControl.IsFiltered, SelfControl.HasNoNewPrivileges, !SelfControl.IsDumpable);
            return main(new EnclaveContext(channel, SimulationBackend.BackendName, report)
            {
                Outside = arguments.OutsideMebibytes > 0
                    ? new OutsideRegion(region.Value, RingLayout.RegionBytes(arguments.RingBytes), (long)arguments.OutsideMebibytes << 20)
                    : null,
                Quoter = quoter,
            });
        }
        catch (Exception failure)
        {
            // Where nobody asked to see it, this goes nowhere.
            Console.Error.WriteLine($"enclave: {failure}");
            return EnclaveExit.ProgramFailed;
        }
    }

    // What libraries and the runtime read as they start; nothing is written.
    private static readonly string[] s_readableFiles =
        ["/etc/ld.so.cache", "/dev/null", "/dev/urandom", "/proc/meminfo", "/sys/devices/system/cpu/online"];

    private static IEnumerable<string> ReadableFolders()
    {
        yield return AppContext.BaseDirectory;
        yield return Path.GetDirectoryName(Environment.ProcessPath)!;
        if (EnclaveEnvironment.RuntimeRoot is string root)
        {
            yield return Path.Combine(root, "host");
            yield return Path.Combine(root, "shared");
        }

        foreach (string folder in (string[])["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/proc/self", "/sys/fs/cgroup"])
        {
            yield return folder;
        }
    }
}
