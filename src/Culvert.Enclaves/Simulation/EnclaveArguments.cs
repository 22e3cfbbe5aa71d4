using System.Globalization;

namespace Culvert.Enclaves.Simulation;

/// <summary>What a process is told that is to become an enclave: nine arguments behind <see cref="EnclaveProgram.Argument"/>.</summary>
/// <param name="LandlockAbi">-1 before the process has restarted itself; then the version of the rules in force, 0 for none.</param>
/// <param name="RingBytes">Capacity of each ring.</param>
/// <param name="MessageBytesMax">Longest message.</param>
/// <param name="HostProcessId">Whose child it must be.</param>
/// <param name="OutsideMebibytes">Memory outside, behind the rings.</param>
/// <param name="AllowsWeakerLockdown">Goes on where the system lacks Landlock or seccomp.</param>
/// <param name="Measurement">What its evidence says that it is: the image's digest, hexadecimal. Empty: it makes no evidence.</param>
/// <param name="KeyFile">The development key that signs its evidence; empty like the measurement.</param>
internal sealed record EnclaveArguments(
    int LandlockAbi, int RingBytes, int MessageBytesMax, int HostProcessId, int OutsideMebibytes, bool AllowsWeakerLockdown, string Measurement, string KeyFile)
{
    /// <summary>Changes with what the arguments or the shared memory mean.</summary>
    private const int Version = 3;

    private const int Numbers = 7;
    private const string None = "-";

    private const int NotRestarted = -1;

    /// <summary>The descriptor under which the shared memory is handed over.</summary>
    internal const int RegionDescriptor = 3;

    /// <summary>Bytes of the shared memory: the rings, and behind them what is outside.</summary>
    internal long RegionBytes => Rings.RingLayout.RegionBytes(RingBytes) + ((long)OutsideMebibytes << 20);

    internal bool HasRestarted => LandlockAbi != NotRestarted;

    internal bool Quotes => Measurement.Length > 0;

    internal static EnclaveArguments ForFirstStart(EnclaveOptions options, string measurement, string keyFile) => new(
        NotRestarted, options.RingBytes, options.MessageBytesMax, Linux.LinuxCalls.ProcessId(), (int)(options.OutsideBytes >> 20), options.AllowWeakerLockdown, measurement, keyFile);

    /// <summary>Null for anything but what <see cref="ToArguments"/> writes.</summary>
    internal static EnclaveArguments? Parse(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != Numbers + 3 || arguments[0] != EnclaveProgram.Argument)
        {
            return null;
        }

        int[] numbers = new int[Numbers];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!int.TryParse(arguments[i + 1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }

        EnclaveArguments parsed = new(
            numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6] == 1, Text(arguments[Numbers + 1]), Text(arguments[Numbers + 2]));
        bool isValid = numbers[0] == Version && parsed.LandlockAbi >= NotRestarted && Rings.RingLayout.IsCapacity(parsed.RingBytes)
            && parsed.MessageBytesMax is >= 1 and <= ChannelLimits.MessageBytesLimit && parsed.HostProcessId > 0 && parsed.OutsideMebibytes >= 0 && numbers[6] is 0 or 1
            && parsed.Quotes == parsed.KeyFile.Length > 0;
        return isValid ? parsed : null;
    }

    internal string[] ToArguments() =>
    [
        EnclaveProgram.Argument,
        .. new[] { Version, LandlockAbi, RingBytes, MessageBytesMax, HostProcessId, OutsideMebibytes, AllowsWeakerLockdown ? 1 : 0 }
            .Select(number => number.ToString(CultureInfo.InvariantCulture)),
        Quotes ? Measurement : None,
        Quotes ? KeyFile : None,
    ];

    private static string Text(string argument) => argument == None ? "" : argument;
}
