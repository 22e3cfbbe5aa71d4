using System.Runtime.InteropServices;

namespace Culvert.Engine;

/// <summary>
/// Keeps standard input's terminal from showing what is typed, from the prompt's first to the line's last character; until it
/// is disposed or the program is ended by a signal. Lines are still edited by the terminal itself.
/// </summary>
internal sealed unsafe partial class SilentTerminal : IDisposable
{
    private const int StandardInput = 0;
    private const int SettingsBytes = 256; // more than struct termios has anywhere
    private const int AfterFlush = 2; // TCSAFLUSH: what was typed ahead, and shown, does not count
    private const int Echo = 0x8; // ECHO, on Linux and on macOS

    private readonly byte[] _before = new byte[SettingsBytes];
    private readonly PosixSignalRegistration[] _signals;

    /// <exception cref="IOException">Standard input is no terminal, or does not let its echo be turned off.</exception>
    internal SilentTerminal()
    {
        Check(Get(StandardInput, _before));
        _signals = [.. ((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
            .Select(signal => PosixSignalRegistration.Create(signal, _ => Restore()))];
        byte[] silent = [.. _before];

        // c_lflag is the fourth field; fields have 4 bytes on Linux and 8 on macOS, least first.
        silent[3 * (OperatingSystem.IsMacOS() ? 8 : 4)] &= unchecked((byte)~Echo);
        try
        {
            Check(Set(StandardInput, AfterFlush, silent));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Restore();
        Array.ForEach(_signals, signal => signal.Dispose());
    }

    private void Restore() => _ = Set(StandardInput, AfterFlush, _before);

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new IOException($"the terminal's echo cannot be turned off: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    private static int Get(int descriptor, byte[] settings)
    {
        fixed (byte* pointer = settings)
        {
            return GetAttributes(descriptor, pointer);
        }
    }

    private static int Set(int descriptor, int when, byte[] settings)
    {
        fixed (byte* pointer = settings)
        {
            return SetAttributes(descriptor, when, pointer);
        }
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int GetAttributes(int descriptor, byte* settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int SetAttributes(int descriptor, int when, byte* settings);
}
