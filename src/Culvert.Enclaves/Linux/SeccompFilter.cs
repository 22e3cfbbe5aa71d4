using System.Runtime.InteropServices;

namespace Culvert.Enclaves.Linux;

/// <summary>
/// The system calls that are left to an enclave (docs/specs/enclave-boundary.md): what a running .NET needs for memory,
/// threads, time and signals within its own process. Everything else is refused.
/// </summary>
internal static unsafe class SeccompFilter
{
    private const int SetModeFilter = 1;
    private const int SynchronizeThreads = 1;

    private const uint Allow = 0x7fff0000;
    private const uint Error = 0x00050000;
    private const uint KillProcess = 0x80000000;
    private const uint NotPermitted = 1;
    private const uint AccessDenied = 13;
    private const uint NotImplemented = 38;

    // Instructions of the classic packet filter.
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort JumpIfAnySet = 0x45;
    private const ushort Return = 0x06;

    // Where the filter finds what, in struct seccomp_data.
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint FirstArgumentOffset = 16;

    private const uint ArchitectureX64 = 0xC000003E;
    private const uint ArchitectureArm64 = 0xC00000B7;
    private const uint OtherAbiOfX64 = 0x40000000;

    private const uint CloneThread = 0x00010000;

    /// <summary>prctl: a thread's name; whether privileges, dumps and system calls are limited; names of memory areas.</summary>
    private static readonly uint[] s_processControls = [15, 16, 39, 3, 21, 0x53564d41];

    /// <summary>Filters all threads of this process, for good. False when the system refuses.</summary>
    internal static bool Install()
    {
        Instruction[] program = [.. Program()];
        fixed (Instruction* instructions = program)
        {
            FilterProgram filter = new() { Count = (ushort)program.Length, Instructions = instructions };
            return LinuxCalls.SystemCall(SystemCallNumbers.Seccomp, SetModeFilter, SynchronizeThreads, (nint)(&filter), 0, 0, 0) == 0;
        }
    }

    private static IEnumerable<Instruction> Program()
    {
        bool isX64 = SystemCallNumbers.IsX64;
        yield return new(LoadWord, ArchitectureOffset);
        yield return new(JumpIfEqual, isX64 ? ArchitectureX64 : ArchitectureArm64, 1, 0);
        yield return new(Return, KillProcess);
        yield return new(LoadWord, NumberOffset);
        yield return new(JumpIfAtLeast, OtherAbiOfX64, 0, 1);
        yield return new(Return, KillProcess);

        foreach (SystemCallRule rule in SystemCallRules.All)
        {
            int number = isX64 ? rule.X64 : rule.Arm64;
            if (number >= 0)
            {
                Instruction[] decision = [.. Decide(rule.Decision)];
                yield return new(JumpIfEqual, (uint)number, 0, (byte)decision.Length);
                foreach (Instruction instruction in decision)
                {
                    yield return instruction;
                }
            }
        }

        yield return new(Return, Error | NotPermitted);
    }

    private static IEnumerable<Instruction> Decide(SystemCallDecision decision) => decision switch
    {
        SystemCallDecision.Allowed => [new(Return, Allow)],
        SystemCallDecision.NoAccess => [new(Return, Error | AccessDenied)],
        SystemCallDecision.Unknown => [new(Return, Error | NotImplemented)],
        SystemCallDecision.ThreadsOnly => [
            new(LoadWord, FirstArgumentOffset),
            new(JumpIfAnySet, CloneThread, 0, 1),
            new(Return, Allow),
            new(Return, Error | NotPermitted)],
        SystemCallDecision.OwnProcessOnly => AllowFirst([(uint)LinuxCalls.ProcessId()]),
        SystemCallDecision.CallingThreadOnly => AllowFirst([0]),
        _ => AllowFirst(s_processControls),
    };

    private static IEnumerable<Instruction> AllowFirst(uint[] values) =>
    [
        new(LoadWord, FirstArgumentOffset),
        .. values.SelectMany(value => (Instruction[])[new(JumpIfEqual, value, 0, 1), new(Return, Allow)]),
        new(Return, Error | NotPermitted),
    ];

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, uint operand, byte ifTrue = 0, byte ifFalse = 0)
    {
        internal readonly ushort Code = code;
        internal readonly byte IfTrue = ifTrue;
        internal readonly byte IfFalse = ifFalse;
        internal readonly uint Operand = operand;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        internal ushort Count;
        internal Instruction* Instructions;
    }
}
